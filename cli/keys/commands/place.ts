import { type Command, Option } from "commander";
import type { CommandIo } from "../../command-io.ts";
import { ofLocalStack } from "../../local-stack.ts";
import { addStackOptions, type StackPlace } from "../../stack/options.ts";
import { UsageError } from "../../usage-error.ts";
import { nameOf, wholeNumberOf } from "../option-values.ts";

/** Where the table is: that of a deployed stack, of the running local one, or of the configuration. */
export interface KeysPlace extends StackPlace {
  readonly local?: boolean;
}

/** Adds the options by which a command finds the table of keys. */
export const addPlaceOptions = (command: Command): Command =>
  addStackOptions(command).option("--local", "use the stack that `npm start` runs, and not AWS");

/** The options of a command, without those that say where the table is, and input and output with that place's configuration. */
export async function atPlace<Options extends KeysPlace>(options: Options, io: CommandIo) {
  const { stack, profile, region, local, ...own } = options;
  const place = { stack, profile, region } as StackPlace;
  const target = local ? " --local" : targetOf(place);
  return { options: own, io: { ...(await ioAt({ ...place, ...(local !== undefined && { local }) }, io)), target } };
}

/** The options of a place, for a shell. */
const targetOf = (place: StackPlace): string =>
  Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` --${name} ${/^[\w:/.-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`)
    .join("");

/** The same input and output with the configuration for a place. @throws {UsageError} for two places */
async function ioAt({ local, ...place }: KeysPlace, io: CommandIo): Promise<CommandIo> {
  if (!local) return (await (await import("../../stack/with-stack.ts")).withStack(io, place)).io;
  if (Object.values(place).some((given) => given !== undefined)) {
    throw new UsageError("--local is on this machine: it takes no --stack, --profile or --region.");
  }
  return ofLocalStack(io);
}

/** Adds the options that say who changes a key, and why. */
export const addChangeOptions = (command: Command): Command =>
  command
    .option("--by <name>", "who makes the change; by default this user and machine, as alice@laptop", nameOf("--by"))
    .option("--reason <text>", "why; it is kept in the record", nameOf("--reason"));

/** Adds the option that names the version that a change is made for. */
export const addVersionOption = (command: Command): Command =>
  command.option(
    "--if-version <number>",
    "change the key only if this is its version, as `keys show` prints it",
    wholeNumberOf("--if-version", { min: 1, max: Number.MAX_SAFE_INTEGER }),
  );

/** Adds the option that answers the question before what cannot be undone. */
export const addConsentOption = (command: Command): Command =>
  command.option("--yes", "do not ask; needed where there is no terminal");

/** An option that may be repeated. */
export const repeated = (flags: string, description: string, read = (text: string) => text) =>
  new Option(flags, description).argParser((text: string, before: readonly string[] | boolean = []) => [
    ...(Array.isArray(before) ? before : []),
    read(text),
  ]);
