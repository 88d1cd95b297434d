import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startRuntimeApi } from "../../local/hosts/runtime-api.ts";
import type { ColdCase } from "./cold-start.ts";
import { cell, type Table } from "./report.ts";
import { median, spread } from "./statistics.ts";
import { bundleOf } from "./yardsticks.ts";

interface Invocations {
  /** Milliseconds from the start of the process to the first answer. */
  readonly first: number;
  readonly second: number;
}

/**
 * Measures the same processes in the Lambda runtime interface client at AWS_LAMBDA_RIC, or returns the reason why not.
 */
export async function runtimeInterfaceTable(cases: readonly ColdCase[], rounds: number): Promise<Table | string> {
  const client = join(process.env.AWS_LAMBDA_RIC ?? "", "index.mjs");
  if (!process.env.AWS_LAMBDA_RIC || !existsSync(client)) {
    return "Not measured in the runtime interface client: AWS_LAMBDA_RIC names no folder of the package aws-lambda-ric.";
  }
  const deciding = cases.filter(({ event }) => event !== undefined);
  const results = new Map<string, Invocations[]>(deciding.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const each of deciding) results.get(each.name)?.push(await invokeTwice(client, each));
  }
  return {
    title: "In the Lambda runtime interface client",
    columns: ["", "process start to first answer", "spread", "second answer"],
    rows: [...results].map(([name, own]) => [
      name,
      cell(median(own.map(({ first }) => first)), "ms"),
      cell(spread(own.map(({ first }) => first)), "±"),
      cell(median(own.map(({ second }) => second)), "ms"),
    ]),
  };
}

async function invokeTwice(client: string, { name, bundle, environment, event }: ColdCase): Promise<Invocations> {
  const api = await startRuntimeApi();
  const begun = performance.now();
  const child = spawn(process.execPath, [client, "index.handler"], {
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_LOG_GROUP_NAME: "authorizer",
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      LAMBDA_TASK_ROOT: dirname(fileURLToPath(bundleOf(bundle))),
      _HANDLER: "index.handler",
    },
    stdio: "ignore",
  });
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${name} has ended with ${code}`)));
  ended.catch(() => {});
  const invoke = async () => {
    const since = performance.now();
    await Promise.race([api.invoke(JSON.parse(event ?? "{}")), ended]);
    return performance.now() - since;
  };
  await invoke();
  const first = performance.now() - begun;
  const second = await invoke();
  child.kill("SIGKILL");
  api.close();
  return { first, second };
}
