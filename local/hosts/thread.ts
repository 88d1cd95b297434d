import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { writeConfigFile } from "./config-file.ts";
import { type Answer, BUNDLE, type FunctionHost, type HostKind, inTurn } from "./host.ts";

/** The bundle in a thread of this process, with a separate environment. */
export const thread: HostKind = {
  title: "in process",
  missing: () => undefined,
  address: () => "127.0.0.1",
  start: async (config, environment) => {
    const { file, remove } = await writeConfigFile(config);
    const host = await startThread(new URL("index.mjs", BUNDLE), { SALLYPORT_CONFIG: `file:${file}`, ...environment });
    return {
      invoke: host.invoke,
      close: async () => {
        await Promise.all([host.close(), remove()]);
      },
    };
  },
};

/**
 * Starts any built function in a thread.
 *
 * @param file the function's module
 * @param environment variables in addition to those of this process
 * @param exported name of the handler
 * @throws {Error} the error that the module throws at start
 */
export async function startThread(
  file: URL,
  environment: Readonly<Record<string, string>>,
  exported = "handler",
): Promise<FunctionHost> {
  const worker = new Worker(new URL("./thread-worker.ts", import.meta.url), {
    workerData: { module: file.href, exported },
    env: { ...process.env, ...environment },
  });
  await once(worker, "message");
  const turn = inTurn();
  return {
    invoke: (event) =>
      turn(async () => {
        const answer = once(worker, "message");
        worker.postMessage(event);
        return (await answer)[0] as Answer;
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
