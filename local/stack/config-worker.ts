import { parentPort, workerData } from "node:worker_threads";

/** Runs in a thread: loads a configuration, with every module that it imports, and returns it as JSON. */
const { url } = workerData as { url: string };
const { default: config } = (await import(url)) as { default: unknown };
parentPort?.postMessage(JSON.stringify(config));
