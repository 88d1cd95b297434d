import type { SallyportConfig } from "../../shared/domain/config/schema.ts";

/** What the function answered one event with, and the lines that it logged. */
export interface Answer {
  readonly result?: unknown;
  /** Message of the error that the function threw. */
  readonly error?: string;
  readonly log: readonly Record<string, unknown>[];
  /** Status that a client got, if the event came through an API. */
  readonly status?: number;
}

/** A built Lambda that answers events, one at a time as a Lambda does. */
export interface FunctionHost {
  invoke(event: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** Something that can run the bundle that would be deployed. */
export interface HostKind {
  readonly title: string;
  /** Why it cannot run on this machine, and what is needed for it; undefined if it can. */
  readonly missing: () => string | undefined;
  /** Address of this machine on which servers must listen for the function to reach them. */
  readonly address: () => string;
  /**
   * Starts the authorizer with a configuration.
   *
   * @param environment variables that the function sees
   */
  readonly start: (config: SallyportConfig, environment: Readonly<Record<string, string>>) => Promise<FunctionHost>;
}

/** The authorizer's bundle. */
export const BUNDLE = new URL("../../dist/functions/authorizer/", import.meta.url);

/** The lines of JSON in a function's output. */
export function parseLog(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
}

/** Runs tasks one after the other, in the order in which they were asked for. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => {});
    return next;
  };
}
