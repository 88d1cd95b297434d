import { type Command, CommanderError } from "commander";
import { StackError } from "../local/gateway/stack-error.ts";
import { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
import type { CommandIo } from "./command-io.ts";
import { errorText } from "./error-text.ts";
import { EXIT } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { UsageError, usageErrorOf } from "./usage-error.ts";

/**
 * Tells people what ended a command.
 *
 * @param command the one that was called, whose usage line is shown if it was called wrongly
 * @returns the exit code
 */
export function report(error: unknown, command: Command, io: CommandIo): number {
  if (error instanceof CommanderError) {
    // Help and version are printed by then; help that nobody asked for stands in place of a command.
    if (error.exitCode === 0) return EXIT.done;
    return error.code === "commander.help" ? EXIT.usage : report(usageErrorOf(error, command), command, io);
  }
  io.stderr.write(`${errorText(error).trimEnd()}\n`);
  if (error instanceof UsageError) {
    io.stderr.write(`Usage: ${command.createHelp().commandUsage(command)}\n`);
    return EXIT.usage;
  }
  return isExpected(error) ? EXIT.failed : EXIT.internal;
}

/** Whether it is something in the world that failed, and not this program. */
function isExpected(error: unknown): boolean {
  const { syscall } = Object(error) as { syscall?: unknown };
  const isOurs = error instanceof Failure || error instanceof ConfigurationError || error instanceof StackError;
  return isOurs || typeof syscall === "string";
}
