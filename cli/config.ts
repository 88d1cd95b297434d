import type { Command } from "commander";
import type { CommandIo, End } from "./command-io.ts";

export function addConfigCommand(program: Command, io: CommandIo, end: End): void {
  const config = program.command("config").description("check the configuration, and name what is legal and unwise");
  config
    .command("check")
    .description(
      "Checks the configuration and lists every mistake, then warns of what is legal and unwise. " +
        "SALLYPORT_CACHED_BY and SALLYPORT_CACHE_TTL are read as the function reads them.",
    )
    .option("--strict", "end with 1 if there is a warning")
    .option("--json", "one object for programs")
    .action(async (options) => end(await (await import("./config/check.ts")).checkConfig(options, io)));
}
