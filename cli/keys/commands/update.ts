import type { Command } from "commander";
import type { CommandIo } from "../../command-io.ts";
import { durationOf, namedTextOf, readKeyId, scopeOf } from "../option-values.ts";
import type { UpdateOptions } from "../update.ts";
import { addChangeOptions, addPlaceOptions, addVersionOption, atPlace, type KeysPlace, repeated } from "./place.ts";

/** Adds `sallyport keys update`. */
export function addUpdate(keys: Command, io: CommandIo): void {
  const command = keys
    .command("update")
    .summary("change a key's fields")
    .description(
      "Changes fields of a key. What no option names stays as it is. The secret and the id stay too: `keys rotate` makes " +
        "a new secret.",
    )
    .argument("<id>", "the key, or its id: its third part, 16 letters and digits", readKeyId)
    .option("--name <name>", "another name");
  addTexts(command);
  addLists(command);
  addNamedTexts(command);
  command
    .option("--expires-in <time>", "a new end, from now: 90d, 12h or 30m", durationOf("--expires-in"))
    .option("--no-expiry", "the key does not expire any more");
  addPlaceOptions(addChangeOptions(addVersionOption(command)))
    .option("--json", "print one JSON object with the record")
    .action(async (id: string, given: UpdateOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../update.ts")).changeFields(id, options, own);
    });
}

function addTexts(command: Command): void {
  command
    .option("--owner <owner>", "another owner")
    .option("--no-owner", "the key has no owner any more")
    .option("--tenant <tenant>", "another tenant")
    .option("--no-tenant", "the key has no tenant any more")
    .option("--subject <subject>", "another subject")
    .option("--no-subject", "the key proves its own id")
    .option("--usage-key <value>", "the value of another API Gateway API key")
    .option("--no-usage-key", "the key has no usage plan any more");
}

function addLists(command: Command): void {
  command
    .addOption(repeated("--scope <scope>", "all scopes of the key; may be repeated", scopeOf("--scope")))
    .addOption(repeated("--add-scope <scope>", "one scope more; may be repeated", scopeOf("--add-scope")))
    .addOption(repeated("--remove-scope <scope>", "one scope less; may be repeated", scopeOf("--remove-scope")))
    .option("--no-scope", "the key has no scopes any more")
    .addOption(repeated("--role <role>", "all roles of the key; may be repeated"))
    .addOption(repeated("--add-role <role>", "one role more; may be repeated"))
    .addOption(repeated("--remove-role <role>", "one role less; may be repeated"))
    .option("--no-role", "the key has no roles any more")
    .addOption(repeated("--address <cidr>", "all addresses and ranges that may use the key; may be repeated"))
    .addOption(repeated("--add-address <cidr>", "one address or range more; may be repeated"))
    .addOption(repeated("--remove-address <cidr>", "one address or range less; may be repeated"))
    .option("--no-address", "any address may use the key");
}

function addNamedTexts(command: Command): void {
  command
    .option("--attribute <name=text>", "a new or another attribute; may be repeated", namedTextOf("--attribute"))
    .addOption(repeated("--remove-attribute <name>", "one attribute less; may be repeated"))
    .option("--no-attribute", "the key has no attributes any more")
    .option("--metadata <name=text>", "a new or another text for operators; may be repeated", namedTextOf("--metadata"))
    .addOption(repeated("--remove-metadata <name>", "one text for operators less; may be repeated"))
    .option("--no-metadata", "the key has no texts for operators any more");
}
