import { type Command, Option } from "commander";
import type { CommandIo, End } from "./command-io.ts";
import { readAttribute, readDuration, readKeyId } from "./keys/option-values.ts";

/** Actions that change a key's state, with what each of them does. */
const CHANGES = [
  ["revoke", "revoked", "end a key, which cannot be undone"],
  ["disable", "disabled", "end a key until it is enabled"],
  ["enable", "active", "let a key work again that was disabled"],
] as const;

export function addKeysCommand(program: Command, io: CommandIo, end: End): void {
  const keys = program.command("keys").description("issue, disable, enable and revoke API keys");
  addIssue(keys, io);
  for (const [action, status, summary] of CHANGES) {
    keys
      .command(action)
      .description(summary)
      .argument("<id>", "the third part of the key, 16 letters and digits", readKeyId)
      .action(async (id: string) => end(await (await import("./keys/set-status.ts")).setStatus(id, status, io)));
  }
}

function addIssue(keys: Command, io: CommandIo): void {
  keys
    .command("issue")
    .summary("issue a key and print it")
    .description(
      "Issues an API key. The new key is printed on standard output, once: it is not kept anywhere. All else goes to standard error.",
    )
    .requiredOption("--name <name>", "what people call the key")
    .addOption(repeated("--scope <scope>", "a scope of the key; may be repeated"))
    .addOption(repeated("--role <role>", "a role of the key; may be repeated"))
    .option("--tenant <tenant>", "whose key it is")
    .option("--subject <subject>", "whom it proves; without it, the key's own id")
    .option("--expires-in <time>", "90d, 12h or 30m; without it the key does not expire", readDuration)
    .addOption(
      repeated(
        "--address <cidr>",
        "where it may be used from; may be repeated, up to 64 times; without it, from anywhere",
      ),
    )
    .option(
      "--attribute <name=text>",
      "a value for the backend's context; may be repeated",
      (text: string, before: Readonly<Record<string, string>> = {}) => ({ ...before, ...readAttribute(text) }),
    )
    .option("--usage-key <value>", "value of an API Gateway API key, for a usage plan")
    .option("--json", "one object with the key and its record on standard output")
    .action(async (options) => (await import("./keys/issue.ts")).issueKey(options, io));
}

const repeated = (flags: string, description: string) =>
  new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, text]);
