import type { Answer } from "../hosts/host.ts";

/** What became of an invocation, as API Gateway sees it. */
export type Invocation = Pick<Answer, "result" | "error">;

/** Invokes functions by their logical ids. A function that is missing or too slow is an error in the answer, never a rejection. */
export interface Invoker {
  invoke(name: string, event: unknown): Promise<Invocation>;
}
