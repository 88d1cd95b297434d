import { Agent, request } from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { startLocalStack } from "../local/stack/local-stack.ts";

/**
 * Compares a request with a cached policy through the local gateway with a request to a bare HTTP server, both from a
 * separate thread: one request at a time, and sixteen in parallel.
 *
 * Usage: gateway-speed.ts
 */
interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly count: number;
  readonly lanes: number;
}

if (isMainThread) await measure();
else parentPort?.postMessage(await run(workerData as Load));

async function measure(): Promise<void> {
  const stack = await startLocalStack({ template: "template.yaml" });
  const token = await (await fetch(`${stack.issuers}/jwt`)).text();
  const url = `${stack.gateway.urls.RestApi}/whoami`;
  const headers = { Authorization: `Bearer ${token}` };
  // The issuers' server is of the same kind and answers an unknown page without any work.
  const bare = `${stack.issuers}/nothing`;
  for (const lanes of [1, 16]) {
    await load({ url, headers, count: 2000, lanes });
    await load({ url: bare, headers, count: 2000, lanes });
    const gateway = await load({ url, headers, count: 8000, lanes });
    const server = await load({ url: bare, headers, count: 8000, lanes });
    const each = (milliseconds: number) => `${(milliseconds / 8000).toFixed(3)} ms`;
    console.log(
      `${lanes} at a time: gateway ${each(gateway)} a request, ${Math.round(8_000_000 / gateway)} requests/s; bare server ${each(server)}; ratio ${(gateway / server).toFixed(1)}`,
    );
  }
  await stack.close();
}

function load(workerData: Load): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** Milliseconds for all requests. */
async function run({ url, headers, count, lanes }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const one = () =>
    new Promise<void>((resolve, reject) => {
      request(url, { agent, headers }, (response) => {
        if (response.statusCode === 401 || response.statusCode === 403)
          reject(new Error(`status ${response.statusCode}`));
        response.resume().once("end", resolve);
      })
        .once("error", reject)
        .end();
    });
  const started = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let index = 0; index < count / lanes; index++) await one();
    }),
  );
  agent.destroy();
  return performance.now() - started;
}
