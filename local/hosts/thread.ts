import { Worker } from "node:worker_threads";
import { writeConfigFile } from "./config-file.ts";
import { type Answer, BUNDLE, type FunctionHost, type HostKind, inTurn } from "./host.ts";

/** The bundle in a thread of this process, with a separate environment. */
export const thread: HostKind = {
  title: "in process",
  missing: () => undefined,
  address: () => "127.0.0.1",
  start: async (config, environment) => {
    await using cleanup = new AsyncDisposableStack();
    const { file, remove } = await writeConfigFile(config);
    cleanup.defer(remove);
    const host = await startThread(new URL("index.mjs", BUNDLE), { SALLYPORT_CONFIG: `file:${file}`, ...environment });
    cleanup.defer(host.close);
    const running = cleanup.move();
    return { invoke: host.invoke, close: () => running.disposeAsync() };
  },
};

/** Seconds that a module may take to load, as on Lambda. */
const START_TIMEOUT = 10;

/**
 * Megabytes for the objects of a function that have just been made. By default, V8 takes more than it needs for one
 * event at a time.
 */
const YOUNG_GENERATION = 12;

/** Options of a function in a thread. */
export interface ThreadOptions {
  /** Name of the handler; by default `handler`. */
  readonly exported?: string;
  /** The function's timeout in seconds, which its context tells; by default 5. */
  readonly timeout?: number;
  /** The function's name, which its context tells; by default that of the authorizer's bundle. */
  readonly name?: string;
  /** The function's memory in megabytes, which limits its heap; by default 512. */
  readonly memory?: number;
}

/** A function in a thread. The thread may end by itself, by an error outside the handler or by `process.exit`. */
export interface ThreadHost extends FunctionHost {
  isEnded(): boolean;
}

/**
 * Starts any built function in a thread.
 *
 * @param file the function's module
 * @param environment variables in addition to those of this process
 * @throws {Error} the error that the module throws at start
 */
export async function startThread(
  file: URL,
  environment: Readonly<Record<string, string>>,
  { exported = "handler", timeout = 5, memory = 512, name = "authorizer" }: ThreadOptions = {},
): Promise<ThreadHost> {
  const worker = new Worker(new URL("./thread-worker.ts", import.meta.url), {
    workerData: { module: file.href, exported, timeout, name },
    env: { ...process.env, ...environment },
    resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: YOUNG_GENERATION },
  });
  let ended: Error | undefined;
  // What the thread says next: that it is ready, then an answer to each event.
  let next = Promise.withResolvers<unknown>();
  const end = (error: Error) => {
    ended ??= error;
    next.reject(ended);
  };
  worker.on("message", (message) => next.resolve(message));
  worker.on("error", end);
  worker.on("exit", (code) => end(new Error(`Runtime exited with exit status ${code}`)));
  const timer = setTimeout(() => {
    end(new Error(`Init timed out after ${START_TIMEOUT} seconds`));
    void worker.terminate();
  }, START_TIMEOUT * 1000);
  await next.promise.finally(() => clearTimeout(timer));
  const turn = inTurn();
  return {
    isEnded: () => ended !== undefined,
    invoke: (event) =>
      turn(async () => {
        if (ended) throw ended;
        next = Promise.withResolvers();
        worker.postMessage(event);
        return (await next.promise) as Answer;
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
