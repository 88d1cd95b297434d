import { fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a measured process is told to do. */
export type Order =
  | { readonly do: "run"; readonly file: string; readonly count: number }
  | { readonly do: "answer"; readonly file: string }
  | { readonly do: "memory" };

/** Of one round, in microseconds a decision. */
export interface Measured {
  /** Median of the round. */
  readonly wall: number;
  readonly mean: number;
  readonly p99: number;
  /** Of all threads, garbage collection included, less what feeding costs. */
  readonly cpu: number;
}

export interface Started {
  /** Milliseconds for the bundle's import. */
  readonly imported: number;
}

/** Bytes of the heap after a full collection. */
export interface Memory {
  readonly heap: number;
}

/** What the bundle says to one input, as JSON. */
export interface Answered {
  readonly answer: string;
}

/** A process with one bundle in it. It is idle while others are measured. */
export interface Subject extends Started {
  run(file: string, count: number): Promise<Measured>;
  /** Uses one credential up. */
  answer(file: string): Promise<Answered>;
  /** Of what the bundle holds; all cases begin anew. */
  memory(): Promise<Memory>;
  close(): void;
}

/**
 * Starts a bundle in a process of its own.
 *
 * @param environment all that the process sees
 * @throws {Error} what it wrote, if it ends
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
