import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { listen, shut } from "../listen.ts";
import { type Answer, type HostKind, inTurn, parseLog } from "./host.ts";
import { address, missing, prepare, SAM, startServer } from "./sam-cli.ts";

/** The function in Docker: one `sam build`, then one `sam local invoke` for each event. */
export const sam: HostKind = {
  title: "in sam local invoke",
  missing,
  address,
  start: async (config, environment) => {
    const { options, env } = await prepare(config, environment);
    const turn = inTurn();
    return {
      invoke: (event) => turn(() => invoke(["local", "invoke", "Authorizer", "--event", "-", ...options], event, env)),
      close: async () => {},
    };
  },
};

/** The function in Docker, kept warm with `sam local start-lambda` for many events. */
export const samWarm: HostKind = {
  title: "in sam local start-lambda",
  missing,
  address,
  start: async (config, environment) => {
    const { options, env } = await prepare(config, environment);
    const port = await freePort();
    const server = await startServer(["start-lambda", "Authorizer", "--port", String(port), ...options], env);
    const url = `http://127.0.0.1:${port}/2015-03-31/functions/Authorizer/invocations`;
    const turn = inTurn();
    return {
      invoke: (event) =>
        turn(async () => {
          server.forget();
          const response = await fetch(url, { method: "POST", body: JSON.stringify(event) });
          const answer = answerOf(await response.json());
          for (let tries = 0; tries < 100 && !server.written().includes('"outcome"'); tries++) await delay(10);
          return { ...answer, log: parseLog(server.written()) };
        }),
      close: server.close,
    };
  },
};

/** Starts the REST API in front of the function with `sam local start-api`. */
export async function startApi(
  config: SallyportConfig,
  environment: Readonly<Record<string, string>>,
  port: number,
): Promise<{ url: string; close: () => Promise<void> }> {
  const { options, env } = await prepare(config, environment);
  const server = await startServer(["start-api", "--port", String(port), ...options], env);
  return { url: `http://127.0.0.1:${port}`, close: server.close };
}

async function invoke(args: string[], event: unknown, env: NodeJS.ProcessEnv): Promise<Answer> {
  const child = spawn(SAM, args, { env });
  child.stdin.end(JSON.stringify(event));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on("close", resolve)),
  ]);
  const log = parseLog(stderr);
  try {
    // The function's answer is the last line of standard output.
    return { ...answerOf(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")), log };
  } catch {
    return { error: `no answer, exit code ${code}: ${stderr}`, log };
  }
}

/** The answer, or the error message of a failed invocation. */
function answerOf(body: unknown): { result: unknown } | { error: string } {
  const { errorMessage } = Object(body) as { errorMessage?: string };
  return errorMessage === undefined ? { result: body } : { error: errorMessage };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, "127.0.0.1", 0);
  await shut(server);
  return port;
}
