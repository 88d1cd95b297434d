import type { Command } from "commander";
import type { CommandIo, End } from "./command-io.ts";

/** Adds `sallyport config` and its subcommands. */
export function addConfigCommand(program: Command, io: CommandIo, end: End): void {
  const config = program.command("config").description("check the configuration and warn about risky settings");
  config
    .command("check")
    .description(
      "Checks the configuration and lists every mistake, then warns about valid but risky settings. " +
        "Reads SALLYPORT_CACHED_BY and SALLYPORT_CACHE_TTL as the function does.",
    )
    .option("--strict", "exit with 1 if there is a warning")
    .option("--json", "print one JSON object")
    .action(async (options) => end(await (await import("./config/check.ts")).checkConfig(options, io)));
}
