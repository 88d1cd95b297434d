import { parentPort, workerData } from "node:worker_threads";
import { parseLog } from "./host.ts";

/** Runs in a thread: answers events with the handler of a bundle, and returns the handler's log. */
const lines: string[] = [];
process.stdout.write = (chunk: Uint8Array | string) => {
  lines.push(String(chunk));
  return true;
};
process.stderr.write = process.stdout.write;

const { module, exported, timeout, name } = workerData as Given;
interface Given {
  readonly module: string;
  readonly exported: string;
  readonly timeout: number;
  /** The function's name. */
  readonly name: string;
}
type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const handler = ((await import(module)) as Record<string, Handler>)[exported];
if (!handler) throw new Error(`The function's module exports no ${exported}.`);

/** The part of Lambda's context that the function reads. Its time counts from the start of the event. */
function contextFrom(begun: number) {
  const getRemainingTimeInMillis = () => Math.max(0, timeout * 1000 - (performance.now() - begun));
  return { functionName: name, awsRequestId: "local", getRemainingTimeInMillis };
}

parentPort?.on("message", async (event: unknown) => {
  lines.length = 0;
  const answer = await handler(event, contextFrom(performance.now())).then(
    (result) => ({ result }),
    (error: Error) => ({ error: error.message }),
  );
  parentPort?.postMessage({ ...answer, log: parseLog(lines.join("")) });
});

parentPort?.postMessage("ready");
