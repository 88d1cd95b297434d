import { type Command, Option } from "commander";
import type { CommandIo, End } from "./command-io.ts";
import { atPlace, type KeysPlace } from "./keys/commands/place.ts";
import { addStackOptions } from "./stack/options.ts";
import { UsageError } from "./usage-error.ts";

/** Adds `sallyport usage` and its subcommand. */
export function addUsageCommand(program: Command, io: CommandIo, end: End): void {
  const usage = program.command("usage").description("keep API Gateway's usage plans in step with the API keys");
  const command = usage
    .command("sync")
    .summary("compare usage plans with the configuration, and mend what differs")
    .description(
      "Compares the API Gateway keys of this deployment, their usage plans, and the records of API keys with " +
        "`apiKeys.usagePlans` of the configuration, and mends what differs.",
    )
    .option("--check", "change nothing; exit with 1 if something differs");
  addStackOptions(command)
    .addOption(new Option("--local").hideHelp())
    .option("--json", "print one JSON object: `drift`, a list of what differs, each with its outcome")
    .action(async (given: { readonly check?: boolean; readonly json?: boolean } & KeysPlace) => {
      if (given.local) {
        throw new UsageError("--local: the local stack has no API Gateway keys and usage plans that could differ.");
      }
      const { options, io: own } = await atPlace(given, io);
      end(await (await import("./usage/sync.ts")).syncUsage(options, own));
    });
}
