import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { nearestName } from "../shared/domain/nearest-name.ts";

/** A command of this project, for `npm run`. */
export interface CommandLine<Options extends ParseArgsOptionsConfig> {
  /** The help text. */
  readonly usage: string;
  readonly options: Options;
  /** Whether it takes arguments besides options. By default not. */
  readonly allowPositionals?: boolean;
}

type Arguments<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true; strict: true }>
>;

/** A command is called wrongly. The usage follows the message, and the exit code is 2. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** Every command has these. */
const COMMON = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const satisfies ParseArgsOptionsConfig;

/**
 * Reads the arguments of this process. Answers `--help`, `-h` and `--version`, and what `read` does not take, by
 * printing it and ending the process.
 *
 * @param read checks the arguments further; what it returns is returned. It throws `WrongUsage`
 */
export function commandLine<Options extends ParseArgsOptionsConfig, Read>(
  command: CommandLine<Options>,
  read: (given: Arguments<Options>) => Read,
): Read {
  try {
    const given = readArguments(command, process.argv.slice(2));
    if (typeof given !== "string") return read(given);
    process.stdout.write(given);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    process.stderr.write(`${error.message}\n\n${command.usage}`);
    process.exit(2);
  }
}

/**
 * @returns the arguments, or the text that `--help` or `--version` asks for
 * @throws {WrongUsage} with the nearest name of an unknown option
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  { usage, options, allowPositionals = false }: CommandLine<Options>,
  args: readonly string[],
): Arguments<Options> | string {
  const known: ParseArgsOptionsConfig = { ...options, ...COMMON };
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const has = (asked: string) => tokens.some((token) => token.kind === "option" && token.name === asked);
  if (has("help")) return usage;
  if (has("version")) return `${manifest.version}\n`;
  for (const token of tokens) {
    if (token.kind === "positional" && !allowPositionals) throw new WrongUsage("There are too many arguments.");
    if (token.kind === "option") checkOption(token, known);
  }
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}

/** The nearest of some names, as a sentence after another; empty if none is near. */
export function suggestion(text: string, names: readonly string[]): string {
  const nearest = nearestName(text, names);
  return nearest === undefined ? "" : ` Did you mean ${nearest}?`;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** Words what `parseArgs` would refuse with several sentences of advice. */
function checkOption({ name, rawName, value, inlineValue }: OptionToken, known: ParseArgsOptionsConfig): void {
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!option) {
    const names = Object.keys(known).map((each) => `--${each}`);
    throw new WrongUsage(`There is no option ${rawName}.${suggestion(rawName, names)}`);
  }
  const takesValue = option.type === "string";
  if (takesValue && (value === undefined || (!inlineValue && value.startsWith("-") && value !== "-"))) {
    throw new WrongUsage(`${rawName} takes a value.`);
  }
  if (!takesValue && value !== undefined) throw new WrongUsage(`${rawName} takes no value.`);
}
