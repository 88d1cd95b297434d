import { readFileSync } from "node:fs";
import { Bench } from "tinybench";
import type { Case } from "./cases.ts";
import type { Answered, Measured, Memory, Order, Started } from "./measured.ts";

/**
 * The measured process: runs the benchmark's orders with a bundle. Its log goes to standard output, which is /dev/null
 * for all processes. Before each decision it runs the event loop once, as Lambda does, and parses the event again, so
 * that no string of it is reused. Neither is timed.
 */
type Decide = (input: unknown, context?: unknown) => unknown;

const begun = performance.now();
const bundle = (await import(process.env.BENCH_BUNDLE ?? "")) as { handler?: Decide; verify?: Decide };
const imported = performance.now() - begun;
const decide = bundle.handler ?? bundle.verify;
if (!decide) throw new Error("the bundle exports neither handler nor verify");

const context = {
  functionName: "authorizer",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:authorizer",
  memoryLimitInMB: "512",
  awsRequestId: "141d6671-99b4-40ca-9997-7a22f01eac74",
  getRemainingTimeInMillis: () => 5000,
};

/** A case and its progress. */
interface Feed extends Case {
  used: number;
}
const feeds = new Map<string, Feed>();

function feedOf(file: string): Feed {
  const feed = feeds.get(file) ?? { ...(JSON.parse(readFileSync(file, "utf8")) as Case), used: 0 };
  feeds.set(file, feed);
  return feed;
}

function inputOf({ frame, credentials }: Feed, index: number): unknown {
  const credential = credentials[index % credentials.length] ?? "";
  return JSON.parse(frame ? frame.join(credential) : JSON.stringify(credential));
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function run(file: string, count: number): Promise<Measured> {
  const feed = feedOf(file);
  if (feed.fresh && feed.used + count > feed.credentials.length)
    throw new Error(`${file} has no fresh credential left`);
  const bench = new Bench({ time: 0, iterations: count, warmup: false, throws: true });
  let input: unknown;
  bench.add("decision", () => decide?.(input, context), {
    async: true,
    beforeEach: async () => {
      await turn();
      input = inputOf(feed, feed.used++);
    },
  });
  const overhead = await inputCost(feed, count);
  const before = process.cpuUsage();
  await bench.run();
  const { user, system } = process.cpuUsage(before);
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`${file}: ${result?.state}`);
  const { p50, mean, p99 } = result.latency;
  return { wall: p50 * 1000, mean: mean * 1000, p99: p99 * 1000, cpu: (user + system - overhead) / count };
}

/** CPU time in microseconds of event loop turns and parsing, for a number of inputs. */
async function inputCost(feed: Feed, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) {
    await turn();
    inputOf(feed, index);
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function execute(order: Order): Promise<Measured | Answered | Memory> {
  if (order.do === "run") return run(order.file, order.count);
  if (order.do === "answer") {
    const feed = feedOf(order.file);
    return { answer: JSON.stringify(await decide?.(inputOf(feed, feed.used++), context)) };
  }
  // Frees the input, which does not count as memory of the bundle.
  feeds.clear();
  globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed };
}

process.on("message", async (order: Order) => {
  process.send?.(await execute(order).catch((error: unknown) => ({ error: String(error) })));
});
process.send?.({ imported } satisfies Started);
