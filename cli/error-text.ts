import { maskUrls, printable } from "../shared/domain/config/printable.ts";

/**
 * Returns the text of an error that is safe to print. Messages of Node.js repeat file names, and a user may have typed
 * a credential or a key in place of a file name.
 */
export function errorText(error: unknown): string {
  const { code, path } = Object(error) as { code?: unknown; path?: unknown };
  if (typeof code === "string" && typeof path === "string") {
    return `${printable(path) ?? "The file"} cannot be used: ${code}`;
  }
  return maskUrls(error instanceof Error ? error.message : String(error));
}
