import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { StackError } from "./gateway/stack-error.ts";
import type { Answer } from "./hosts/host.ts";
import { type LocalStack, startLocalStack } from "./stack/local-stack.ts";
import { readOptions, type StartOptions, USAGE } from "./stack/options.ts";
import { requestsToPaste } from "./stack/requests-to-paste.ts";
import { watchSources } from "./stack/watch-sources.ts";

/** `npm start`: runs the gateway, and all servers that its callers need, until Ctrl-C. */

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await serve(options);
} catch (error) {
  console.error(error instanceof StackError ? error.message : error);
  process.exit(1);
}

async function serve(options: StartOptions): Promise<void> {
  const stack = await startLocalStack({ ...options, ...(!options.quiet && { onLog: logDecisions }) });
  for (const line of stack.unsupported) console.log(`not supported, and left out: ${line}`);
  console.log(requestsToPaste(stack));
  const stopWatching = watchSources(() => reload(stack));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      stopWatching();
      void stack.close();
    });
  }
}

async function reload(stack: LocalStack): Promise<void> {
  try {
    await build();
    await stack.reload();
    console.log("reloaded");
  } catch (error) {
    console.error(`not reloaded: ${(error as Error).message}`);
  }
}

function logDecisions(name: string, log: Answer["log"]): void {
  for (const line of log.filter((each) => "outcome" in each && "message" in each)) {
    const { outcome, reason, httpMethod, resourcePath, routeKey } = line;
    const route = routeKey ?? [httpMethod, resourcePath].filter(Boolean).join(" ");
    console.log(`${name}: ${outcome}${reason ? ` (${reason})` : ""} ${route}`.trimEnd());
  }
}

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, ["scripts/build.ts"]).catch(
    (error: { stderr?: string; message: string }) => {
      throw new StackError(`The functions cannot be built:\n${error.stderr ?? error.message}`);
    },
  );
}
