import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What the function answered one event with, and the lines that it logged. */
export interface Answer {
  readonly result?: unknown;
  /** Message of the error that left the function. */
  readonly error?: string;
  readonly log: readonly Record<string, unknown>[];
}

/** A built Lambda in a thread of its own, with an environment of its own. */
export interface BundleHost {
  invoke(event: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Starts the bundle that would be deployed.
 *
 * @param file its entry: `dist/functions/<name>/index.mjs`
 * @param environment variables that the function sees beside this process's own
 */
export async function startBundle(file: URL, environment: Readonly<Record<string, string>>): Promise<BundleHost> {
  const worker = new Worker(new URL("./bundle-worker.ts", import.meta.url), {
    workerData: file.href,
    env: { ...process.env, ...environment },
  });
  await once(worker, "message");
  // One event at a time, as a Lambda has them.
  let last: Promise<unknown> = Promise.resolve();
  const send = async (event: unknown): Promise<Answer> => {
    worker.postMessage(event);
    const [answer] = await once(worker, "message");
    return answer as Answer;
  };
  return {
    invoke(event) {
      const answer = last.then(() => send(event));
      last = answer.catch(() => {});
      return answer;
    },
    async close() {
      await worker.terminate();
    },
  };
}
