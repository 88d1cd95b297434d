import { fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** An order to a measured process. */
export type Order =
  | { readonly do: "run"; readonly file: string; readonly count: number }
  | { readonly do: "answer"; readonly file: string }
  | { readonly do: "memory" };

/** Measurements of one round, in microseconds for each decision. */
export interface Measured {
  /** Median of the round. */
  readonly wall: number;
  readonly mean: number;
  readonly p99: number;
  /** CPU time of all threads, with garbage collection, without the cost of the input. */
  readonly cpu: number;
}

export interface Started {
  /** Time to import the bundle, in milliseconds. */
  readonly imported: number;
}

/** Size of the heap in bytes after a full garbage collection. */
export interface Memory {
  readonly heap: number;
}

/** The bundle's answer to one input, as JSON. */
export interface Answered {
  readonly answer: string;
}

/** A process with one bundle. It is idle while others are measured. */
export interface Subject extends Started {
  run(file: string, count: number): Promise<Measured>;
  /** Answers one input. Uses up one credential. */
  answer(file: string): Promise<Answered>;
  /** Measures the bundle's memory. All cases start again. */
  memory(): Promise<Memory>;
  close(): void;
}

/**
 * Starts a bundle in its own process.
 *
 * @param environment all environment variables of the process
 * @throws {Error} with the output of the process, if it ends
 */
export async function startSubject(bundle: URL, environment: Readonly<Record<string, string>>): Promise<Subject> {
  const sink = openSync("/dev/null", "w");
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
    env: { ...environment, BENCH_BUNDLE: bundle.href },
    execArgv: ["--expose-gc"],
    stdio: ["ignore", sink, "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${bundle} has ended with ${code}`)));
  ended.catch(() => {});
  const answer = async <T>(order?: Order): Promise<T> => {
    const message = once(child, "message");
    if (order) child.send(order);
    const [content] = (await Promise.race([message, ended])) as [T | { error: string }];
    if (typeof content === "object" && content !== null && "error" in content) throw new Error(content.error);
    return content as T;
  };
  const { imported } = await answer<Started>();
  return {
    imported,
    run: (file, count) => answer({ do: "run", file, count }),
    answer: (file) => answer({ do: "answer", file }),
    memory: () => answer({ do: "memory" }),
    close: () => void child.kill("SIGKILL"),
  };
}
