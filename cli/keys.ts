import { type Command, Option } from "commander";
import type { CommandIo, End } from "./command-io.ts";
import { readAttribute, readDuration, readKeyId, readScope } from "./keys/option-values.ts";
import { ofLocalStack } from "./local-stack.ts";
import { addStackOptions, type StackPlace } from "./stack/options.ts";
import { UsageError } from "./usage-error.ts";

/** Subcommands that change a key's status: name, new status, help text. */
const STATUS_COMMANDS = [
  ["revoke", "revoked", "end a key for good"],
  ["disable", "disabled", "suspend a key until it is enabled"],
  ["enable", "active", "enable a disabled key"],
] as const;

/** Adds `sallyport keys` and its subcommands. */
export function addKeysCommand(program: Command, io: CommandIo, end: End): void {
  const keys = program.command("keys").description("issue, list, disable, enable and revoke API keys");
  addIssue(keys, io);
  addPlaceOptions(keys.command("list"))
    .description("list all keys of the table, without their secrets, the newest first")
    .option("--json", "print one JSON array with the records")
    .action(async ({ json, ...place }: KeysPlace & { readonly json?: boolean }) => {
      const own = await ioAt(place, io);
      await (await import("./keys/list.ts")).listKeys(json === undefined ? {} : { json }, own);
    });
  for (const [action, status, summary] of STATUS_COMMANDS) {
    addPlaceOptions(keys.command(action))
      .description(summary)
      .argument("<id>", "the key, or its id: its third part, 16 letters and digits", readKeyId)
      .action(async (id: string, place: KeysPlace) => {
        const own = await ioAt(place, io);
        end(await (await import("./keys/set-status.ts")).setStatus(id, status, own));
      });
  }
}

function addIssue(keys: Command, io: CommandIo): void {
  addPlaceOptions(keys.command("issue"))
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
    .action(async ({ stack, profile, region, local, ...options }) => {
      const own = await ioAt({ stack, profile, region, local }, io);
      await (await import("./keys/issue.ts")).issueKey(options, own);
    });
}

/** Where the table is: that of a deployed stack, of the running local one, or of the configuration. */
interface KeysPlace extends StackPlace {
  readonly local?: boolean;
}

const addPlaceOptions = (command: Command): Command =>
  addStackOptions(command).option("--local", "use the stack that `npm start` runs, and not AWS");

/** The same input and output with the configuration for a place. @throws {UsageError} for two places */
async function ioAt({ local, ...place }: KeysPlace, io: CommandIo): Promise<CommandIo> {
  if (!local) return (await (await import("./stack/with-stack.ts")).withStack(io, place)).io;
  if (Object.values(place).some((given) => given !== undefined)) {
    throw new UsageError("--local is on this machine: it takes no --stack, --profile or --region.");
  }
  return ofLocalStack(io);
}

const repeated = (flags: string, description: string, read = (text: string) => text) =>
  new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [...before, read(text)]);
