import { subscribe } from "node:diagnostics_channel";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { startLocalStack } from "../local/stack/local-stack.ts";

/**
 * Measures the memory of the local gateway while its cache of policies fills: one request of each caller, one after the
 * other, each with a token of its own.
 *
 * Usage: gateway-memory.ts [--callers NUMBER], by default 20,000
 */
const { values } = parseArgs({ options: { callers: { type: "string", default: "20000" } } });
const callers = Number(values.callers);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const workers = new Set<Worker>();
subscribe("worker_threads", (message) => {
  const { worker } = message as { worker: Worker };
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
});

const stack = await startLocalStack({ template: "template.yaml" });
const url = `${stack.gateway.urls.RestApi}/whoami`;
for (let caller = 0; caller <= callers; caller++) {
  if (caller % 2000 === 0) await report(caller);
  const token = await (await fetch(`${stack.issuers}/jwt?sub=user-${caller}&scope=orders:read`)).text();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
}
await stack.close();

async function report(caller: number): Promise<void> {
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  const heaps = await Promise.all([...workers].map((worker) => worker.getHeapStatistics()));
  const functions = heaps.map((heap) => megabytes(heap.used_heap_size)).join(", ");
  console.log(
    `${caller} callers: resident ${megabytes(rss)} MB, gateway's heap ${megabytes(heapUsed)} MB and ${megabytes(external)} MB beside it, heaps of the functions ${functions} MB`,
  );
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
