import type { Answer } from "../hosts/host.ts";

/** The result or the error of an invocation, and what the function logged. */
export interface Invocation extends Pick<Answer, "result" | "error"> {
  readonly log?: Answer["log"];
}

/**
 * Invokes functions by their logical ids. A missing or slow function gives an error in the answer; the promise never
 * rejects.
 */
export interface Invoker {
  invoke(name: string, event: unknown): Promise<Invocation>;
}
