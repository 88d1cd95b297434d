#!/usr/bin/env node
import bundled from "../sallyport.config.ts";
import { ConfigurationError } from "../shared/domain/config/parse.ts";
import { printable } from "../shared/domain/config/printable.ts";
import { loadConfig } from "../shared/infrastructure/configuration/load.ts";
import type { Command, CommandIo } from "./command.ts";
import { errorText } from "./error-text.ts";

/** The commands by name; each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<{ run: Command }> }>> = {
  config: { summary: "check the configuration, and name what is legal and unwise", load: () => import("./config.ts") },
  event: {
    summary: "print an event with a fresh credential, as API Gateway sends it",
    load: () => import("./event.ts"),
  },
  explain: { summary: "tell what becomes of a request, and why", load: () => import("./explain.ts") },
  keys: { summary: "issue, disable, enable and revoke API keys", load: () => import("./keys.ts") },
  saml: {
    summary: "exchange metadata with an identity provider, and look into its assertions",
    load: () => import("./saml.ts"),
  },
};

const USAGE = `Usage: sallyport <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

sallyport <command> --help tells more. SALLYPORT_CONFIG names another configuration than sallyport.config.ts.
`;

const io: CommandIo = { stdout: process.stdout, stderr: process.stderr, config: () => loadConfig(bundled) };

async function main([name = "", ...argv]: string[]): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    io.stdout.write(USAGE);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    io.stderr.write(name === "" ? USAGE : `There is no command ${printable(name) ?? "of such a name"}.\n\n${USAGE}`);
    return 2;
  }
  try {
    return await (await command.load()).run(argv, io);
  } catch (error) {
    io.stderr.write(`${errorText(error)}\n`);
    return error instanceof ConfigurationError ? 1 : 70;
  }
}

process.exitCode = await main(process.argv.slice(2));
