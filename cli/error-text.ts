import { maskUrls, printable } from "../shared/domain/config/printable.ts";

/**
 * What a command may print of an error. Texts of Node's own errors repeat arguments and file names, and where an argument is expected somebody may have put
 * a credential or a key.
 */
export function errorText(error: unknown): string {
  const { code, path } = Object(error) as { code?: unknown; path?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return unknownOption(message);
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return "There is an argument that belongs to no option.";
  if (typeof code === "string" && typeof path === "string") {
    return `${printable(path) ?? "The file"} cannot be used: ${code}`;
  }
  return maskUrls(message);
}

function unknownOption(message: string): string {
  const [, option] = /^Unknown option '(--?[a-z][a-z-]{0,30})'/.exec(message) ?? [];
  return option === undefined ? "There is an unknown option." : `There is no option ${option}.`;
}

/** Whether Node's `parseArgs` threw it. */
export function isArgumentError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}
