import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeConfigFile } from "./config-file.ts";
import { BUNDLE, type HostKind, inTurn, parseLog } from "./host.ts";
import { startRuntimeApi } from "./runtime-api.ts";

/**
 * Folder of the package `aws-lambda-ric`. It is not a dependency, because its build needs a C++ compiler, cmake and
 * autotools.
 */
const folder = () => process.env.AWS_LAMBDA_RIC ?? "";

/** The bundle in the Lambda runtime interface client, as on AWS. A local Runtime API sends it events. */
export const runtimeInterface: HostKind = {
  title: "in the Lambda runtime interface client",
  missing: () =>
    existsSync(join(folder(), "index.mjs"))
      ? undefined
      : "AWS_LAMBDA_RIC names no folder of the package aws-lambda-ric",
  address: () => "127.0.0.1",
  start: async (config, environment) => {
    const { file, remove } = await writeConfigFile(config);
    const api = await startRuntimeApi();
    const child = spawn(process.execPath, [join(folder(), "index.mjs"), "index.handler"], {
      env: {
        PATH: process.env.PATH,
        ...environment,
        SALLYPORT_CONFIG: `file:${file}`,
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_FUNCTION_NAME: "authorizer",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
        AWS_LAMBDA_LOG_GROUP_NAME: "authorizer",
        AWS_LAMBDA_LOG_STREAM_NAME: "local",
        LAMBDA_TASK_ROOT: fileURLToPath(BUNDLE),
        _HANDLER: "index.handler",
      },
    });
    let written = "";
    child.stdout.on("data", (chunk) => (written += chunk));
    child.stderr.on("data", (chunk) => (written += chunk));
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`the runtime has ended: ${written}`)));
    ended.catch(() => {});
    const turn = inTurn();
    return {
      invoke: (event) =>
        turn(async () => {
          written = "";
          const answer = await Promise.race([api.invoke(event), ended]);
          // The answer comes through a socket and the log through a pipe, so the log may arrive later.
          for (let tries = 0; tries < 100 && !written.includes('"outcome"'); tries++) await delay(10);
          return { ...answer, log: parseLog(written) };
        }),
      close: async () => {
        child.kill("SIGKILL");
        await Promise.all([api.close(), ended.catch(() => {}), remove()]);
      },
    };
  },
};
