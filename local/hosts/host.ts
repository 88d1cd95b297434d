import type { SallyportConfig } from "../../shared/domain/config/schema.ts";

/** The function's answer to one event, and its log lines. */
export interface Answer {
  readonly result?: unknown;
  /** Message of the error that the function threw. */
  readonly error?: string;
  readonly log: readonly Record<string, unknown>[];
  /** The client's HTTP status, if the event is sent through an API. */
  readonly status?: number;
}

/** A running built function. Like Lambda, it answers one event at a time. */
export interface FunctionHost {
  invoke(event: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** A way to run the bundle that is deployed. */
export interface HostKind {
  readonly title: string;
  /** The reason why it cannot run on this machine; undefined if it can. */
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

/** Runs tasks one at a time, in the order of the calls. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => {});
    return next;
  };
}
