import { commandLine } from "./command-line.ts";

/** `npm run demo`. Options are read before anything else is loaded or built, so that `--help` answers at once. */
const COMMAND = {
  usage: `Usage: npm run demo -- [options]

Sends good and bad requests to the built authorizer, and shows what comes of each. Exits with 1 if an outcome is not the
expected one.

  --no-build         use the authorizer as it was built last
  --help, --version  print this text, or the version
`,
  options: { "no-build": { type: "boolean", default: false } },
} as const;
const { build: isBuilt } = commandLine(COMMAND, ({ values }) => ({ build: !values["no-build"] }));

const { build } = await import("./stack/build.ts");
const { errorMessage } = await import("./stack/error-message.ts");
const { demonstrate } = await import("./demo/demonstrate.ts");
try {
  if (isBuilt) await build();
  process.exitCode = (await demonstrate()) > 0 ? 1 : 0;
} catch (error) {
  console.error(errorMessage(error));
  process.exitCode = 1;
}
