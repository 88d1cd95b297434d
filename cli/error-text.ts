import { maskUrls, printable } from "../shared/domain/config/printable.ts";

/**
 * What a command may print of an error. Texts of Node's own errors repeat file names, and in place of a file's name somebody may have put
 * a credential or a key.
 */
export function errorText(error: unknown): string {
  const { code, path } = Object(error) as { code?: unknown; path?: unknown };
  if (typeof code === "string" && typeof path === "string") {
    return `${printable(path) ?? "The file"} cannot be used: ${code}`;
  }
  return maskUrls(error instanceof Error ? error.message : String(error));
}
