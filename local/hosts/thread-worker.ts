import { parentPort, workerData } from "node:worker_threads";
import { parseLog } from "./host.ts";

/** Runs in a thread: answers events with the handler of a bundle, and returns the handler's log. */
const lines: string[] = [];
process.stdout.write = (chunk: Uint8Array | string) => {
  lines.push(String(chunk));
  return true;
};
process.stderr.write = process.stdout.write;

const { module, exported } = workerData as { module: string; exported: string };
type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const handler = ((await import(module)) as Record<string, Handler>)[exported];
if (!handler) throw new Error(`The function's module exports no ${exported}.`);

/** The part of Lambda's context that the function reads. */
const context = { functionName: "authorizer", awsRequestId: "local", getRemainingTimeInMillis: () => 5000 };

parentPort?.on("message", async (event: unknown) => {
  lines.length = 0;
  const answer = await handler(event, context).then(
    (result) => ({ result }),
    (error: Error) => ({ error: error.message }),
  );
  parentPort?.postMessage({ ...answer, log: parseLog(lines.join("")) });
});

parentPort?.postMessage("ready");
