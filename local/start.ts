import type { LocalStackOptions } from "./stack/local-stack.ts";
import { readOptions } from "./stack/options.ts";

/**
 * `npm start`: builds the functions and runs the gateway, and all servers that its callers need, until Ctrl-C.
 *
 * Options are read before anything else is loaded or built, so that `--help` answers at once.
 */
const options = readOptions();

const { build } = await import("./stack/build.ts");
const { errorMessage } = await import("./stack/error-message.ts");
try {
  if (options.build) await build();
  await serve();
} catch (error) {
  console.error(errorMessage(error));
  process.exit(1);
}

async function serve(): Promise<void> {
  const { startLocalStack } = await import("./stack/local-stack.ts");
  const { reloadOn } = await import("./stack/reload.ts");
  const { sampleRequests } = await import("./stack/sample-requests.ts");
  const { startScreen } = await import("./stack/start-screen.ts");
  const { stackFolder, writeStackAccess } = await import("./stack/stack-access.ts");
  const { onRequest, onCloud } = options.quiet ? {} : await lineWriters();
  const writeEvent = options.events && (await import("./stack/event-file.ts")).eventFile(options.events);
  const told: LocalStackOptions["onCloud"] = (record) => {
    onCloud?.(record);
    if (writeEvent) writeEvent(record);
  };
  const stack = await startLocalStack({ ...options, onRequest, onCloud: told, folder: stackFolder() });
  const forget = await writeStackAccess(stack.access);
  const stopWatching = reloadOn(stack, options, () => writeStackAccess(stack.access));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      stopWatching();
      void forget();
      void stack.close();
    });
  }
  const rehearsed = await stack.rehearse(sampleRequests(stack.apis, stack.config));
  for (const line of stack.unsupported) console.log(`not supported, and left out: ${line}`);
  console.log(startScreen(stack, rehearsed));
}

async function lineWriters(): Promise<Pick<LocalStackOptions, "onRequest" | "onCloud">> {
  const { requestLine } = await import("./stack/request-line.ts");
  const { cloudLine } = await import("./stack/cloud-line.ts");
  return {
    onRequest: (record) => console.log(requestLine(record)),
    onCloud: (record) => console.log(cloudLine(record)),
  };
}
