import { once } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { StackError } from "../gateway/stack-error.ts";

/**
 * The project's current configuration. A thread of its own loads it: Node.js keeps each module that a thread has
 * loaded, and so what the configuration imports.
 *
 * @param environment variables that the configuration sees
 * @throws {StackError} if it cannot be loaded
 */
export async function projectConfig(
  environment: Readonly<Record<string, string>> = {},
  file = "sallyport.config.ts",
): Promise<SallyportConfig> {
  const worker = new Worker(new URL("./config-worker.ts", import.meta.url), {
    workerData: { url: pathToFileURL(resolve(file)).href },
    env: { ...process.env, ...environment },
  });
  try {
    const [json] = (await once(worker, "message")) as [string];
    return JSON.parse(json) as SallyportConfig;
  } catch (error) {
    throw new StackError(`${file} cannot be loaded: ${(error as Error).message}`);
  } finally {
    await worker.terminate();
  }
}
