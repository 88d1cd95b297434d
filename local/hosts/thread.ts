import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { writeConfigFile } from "./config-file.ts";
import { type Answer, BUNDLE, type HostKind, inTurn } from "./host.ts";

/** The bundle in a thread of this process, with an environment of its own. */
export const thread: HostKind = {
  title: "in process",
  missing: () => undefined,
  address: () => "127.0.0.1",
  start: async (config, environment) => {
    const { file, remove } = await writeConfigFile(config);
    const worker = new Worker(new URL("./thread-worker.ts", import.meta.url), {
      workerData: new URL("index.mjs", BUNDLE).href,
      env: { ...process.env, SALLYPORT_CONFIG: `file:${file}`, ...environment },
    });
    await once(worker, "message");
    const turn = inTurn();
    return {
      invoke: (event) =>
        turn(async () => {
          worker.postMessage(event);
          const [answer] = await once(worker, "message");
          return answer as Answer;
        }),
      close: async () => {
        await Promise.all([worker.terminate(), remove()]);
      },
    };
  },
};
