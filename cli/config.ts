import type { Command } from "commander";
import type { CommandIo, End } from "./command-io.ts";

/** Adds `sallyport config` and its subcommands. */
export function addConfigCommand(program: Command, io: CommandIo, end: End): void {
  const config = program.command("config").description("check and print the configuration");
  config
    .command("check")
    .description(
      "Checks the configuration and lists every mistake, then warns about valid but risky settings. " +
        "Reads SALLYPORT_CACHED_BY and SALLYPORT_CACHE_TTL as the function does.",
    )
    .option("--template <file>", "compare the rules with the routes of a SAM template as well")
    .option("--online", "ask the issuers, metadata, tables and secrets that it names, and say what they answer")
    .option("--strict", "exit with 1 if there is a warning")
    .option("--json", "print one JSON object")
    .action(async (options) => end(await (await import("./config/check.ts")).checkConfig(options, io)));
  config
    .command("print")
    .description("Prints the configuration as the authorizer uses it, with every default, as JSON.")
    .action(async () => {
      const { printed } = await import("./config/print.ts");
      io.stdout.write(`${printed(await io.config())}\n`);
    });
}
