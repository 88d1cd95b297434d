import type { Command } from "commander";
import type { CommandIo } from "../../command-io.ts";
import type { IssueOptions } from "../issue.ts";
import { durationOf, namedTextOf, readScope } from "../option-values.ts";
import { addChangeOptions, addPlaceOptions, atPlace, type KeysPlace, repeated } from "./place.ts";

/** Adds `sallyport keys issue`. */
export function addIssue(keys: Command, io: CommandIo): void {
  const command = keys
    .command("issue")
    .summary("issue a key and print it")
    .description(
      "Issues an API key and prints it on standard output. The key is stored nowhere and cannot be shown again. " +
        "All other output goes to standard error.",
    )
    .requiredOption("--name <name>", "the name that people use for the key")
    .option(
      "--owner <owner>",
      "who answers for the key: a team or a partner; `keys list` and `keys revoke` find it by it",
    )
    .addOption(repeated("--scope <scope>", "a scope of the key; may be repeated", readScope))
    .addOption(repeated("--role <role>", "a role of the key; may be repeated"))
    .option("--tenant <tenant>", "the tenant that the key belongs to")
    .option("--subject <subject>", "the subject that the key proves; by default the key's id")
    .option(
      "--expires-in <time>",
      "lifetime such as 90d, 12h or 30m; by default the key does not expire",
      durationOf("--expires-in"),
    )
    .addOption(
      repeated(
        "--address <cidr>",
        "an address or range that may use the key; may be repeated, up to 64 times; by default any address",
      ),
    )
    .option(
      "--attribute <name=text>",
      "an attribute for the backend's context; may be repeated",
      namedTextOf("--attribute"),
    )
    .option(
      "--metadata <name=text>",
      "a text for the operators, which no backend gets; may be repeated, up to 32 times",
      namedTextOf("--metadata"),
    )
    .option("--usage-key <value>", "the value of an API Gateway API key, for a usage plan");
  addPlaceOptions(addChangeOptions(command))
    .option("--json", "print one JSON object with the key and its record")
    .action(async (given: IssueOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../issue.ts")).issueKey(options, own);
    });
}
