import { type Command, Option } from "commander";
import type { CommandIo, End } from "./command-io.ts";
import { readAttribute, readDuration, readKeyId, readScope } from "./keys/option-values.ts";
import { addStackOptions, type StackPlace } from "./stack/options.ts";

/** Subcommands that change a key's status: name, new status, help text. */
const STATUS_COMMANDS = [
  ["revoke", "revoked", "end a key for good"],
  ["disable", "disabled", "suspend a key until it is enabled"],
  ["enable", "active", "enable a disabled key"],
] as const;

/** Adds `sallyport keys` and its subcommands. */
export function addKeysCommand(program: Command, io: CommandIo, end: End): void {
  const keys = program.command("keys").description("issue, disable, enable and revoke API keys");
  addIssue(keys, io);
  for (const [action, status, summary] of STATUS_COMMANDS) {
    addStackOptions(keys.command(action))
      .description(summary)
      .argument("<id>", "the key, or its id: its third part, 16 letters and digits", readKeyId)
      .action(async (id: string, place: StackPlace) => {
        const { io: own } = await (await import("./stack/with-stack.ts")).withStack(io, place);
        end(await (await import("./keys/set-status.ts")).setStatus(id, status, own));
      });
  }
}

function addIssue(keys: Command, io: CommandIo): void {
  addStackOptions(keys.command("issue"))
    .summary("issue a key and print it")
    .description(
      "Issues an API key and prints it on standard output. The key is stored nowhere and cannot be shown again. " +
        "All other output goes to standard error.",
    )
    .requiredOption("--name <name>", "the name that people use for the key")
    .addOption(repeated("--scope <scope>", "a scope of the key; may be repeated", readScope))
    .addOption(repeated("--role <role>", "a role of the key; may be repeated"))
    .option("--tenant <tenant>", "the tenant that owns the key")
    .option("--subject <subject>", "the subject that the key proves; by default the key's id")
    .option("--expires-in <time>", "lifetime such as 90d, 12h or 30m; by default the key does not expire", readDuration)
    .addOption(
      repeated(
        "--address <cidr>",
        "an address or range that may use the key; may be repeated, up to 64 times; by default any address",
      ),
    )
    .option(
      "--attribute <name=text>",
      "an attribute for the backend's context; may be repeated",
      (text: string, before: Readonly<Record<string, string>> = {}) => ({ ...before, ...readAttribute(text) }),
    )
    .option("--usage-key <value>", "the value of an API Gateway API key, for a usage plan")
    .option("--json", "print one JSON object with the key and its record")
    .action(async ({ stack, profile, region, ...options }) => {
      const { io: own } = await (await import("./stack/with-stack.ts")).withStack(io, { stack, profile, region });
      await (await import("./keys/issue.ts")).issueKey(options, own);
    });
}

const repeated = (flags: string, description: string, read = (text: string) => text) =>
  new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, read(text)]);
