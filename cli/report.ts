import { type Command, CommanderError } from "commander";
import { StackError } from "../local/gateway/stack-error.ts";
import { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
import type { CommandIo } from "./command-io.ts";
import { errorText } from "./error-text.ts";
import { EXIT } from "./exit-code.ts";
import { Failure } from "./failure.ts";
import { UsageError, usageErrorOf } from "./usage-error.ts";

/**
 * Prints the error that ended a command.
 *
 * @param command the called command; its usage line follows a usage error
 * @returns the exit code
 */
export function report(error: unknown, command: Command, io: CommandIo): number {
  if (error instanceof CommanderError) {
    // Commander has already printed help or the version. Help without a request for it means that a command is missing.
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

/** Whether the cause is outside this program: the input, the configuration, a file or the network. */
function isExpected(error: unknown): boolean {
  const { syscall } = Object(error) as { syscall?: unknown };
  const isOurs = error instanceof Failure || error instanceof ConfigurationError || error instanceof StackError;
  return isOurs || typeof syscall === "string";
}
