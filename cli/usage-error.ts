import type { Command, CommanderError } from "commander";
import { printable } from "../shared/domain/config/printable.ts";
import { nearestName } from "../shared/domain/nearest-name.ts";

/** A command is called wrongly. The exit code is 2, and the command's usage line follows the message. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Rewords an error of Commander. Its own messages repeat arguments, and a wrong argument may be a credential or a key.
 */
export function usageErrorOf({ code, message }: CommanderError, command: Command): UsageError {
  return new UsageError(describe(code, message, command) + suggestionIn(message));
}

function describe(code: string, message: string, command: Command): string {
  const [, option] = /option '(--?[a-z][a-z-]{0,30})(?=[ ='])/.exec(message) ?? [];
  switch (code) {
    case "commander.unknownOption":
      return option === undefined ? "There is an unknown option." : unknownOption(option, command);
    case "commander.optionMissingArgument":
      return `${option} takes a value.`;
    case "commander.missingMandatoryOptionValue":
      return `${option} is missing.`;
    case "commander.missingArgument":
      return `<${/argument '([a-z-]+)'/.exec(message)?.[1]}> is missing.`;
    case "commander.excessArguments":
      return "There are too many arguments.";
    case "commander.unknownCommand":
      return `There is no command ${commandIn(message)}.`;
    default:
      return "The command was called wrongly.";
  }
}

function unknownOption(option: string, command: Command): string {
  const isKnown = command.options.some(({ long, short }) => long === option || short === option);
  return isKnown ? `${option} takes no value.` : `There is no option ${option}.`;
}

function commandIn(message: string): string {
  const [, name = ""] = /^error: unknown command '(.*?)'(?:\n\(Did you mean [^\n]*)?$/s.exec(message) ?? [];
  return printable(name) ?? "of such a name";
}

/** The suggestion in Commander's message. It contains only names of options and commands, so it is safe to print. */
function suggestionIn(message: string): string {
  const [, names] = /\n\(Did you mean ((?:one of )?[a-z, -]+)\?\)$/.exec(message) ?? [];
  return names === undefined ? "" : ` Did you mean ${names}?`;
}

/**
 * Makes a parser for an option that takes one of several names.
 *
 * @throws {UsageError} from the parser, with all names and the nearest one
 */
export function oneOf<Name extends string>(option: string, names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    const nearest = nearestName(text, names);
    throw new UsageError(
      `${option} takes one of ${names.join(", ")}.${nearest === undefined ? "" : ` Did you mean ${nearest}?`}`,
    );
  };
}
