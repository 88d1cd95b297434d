import { maskUrls, printable } from "../shared/domain/config/printable.ts";

/** What is wrong with a file, by the codes of Node.js. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "cannot be used: this user may not (EACCES)",
  EPERM: "cannot be used: this user may not (EPERM)",
  EISDIR: "is a folder, and not a file",
  ENOTDIR: "does not exist: a part of its path is no folder",
  EEXIST: "exists already",
  ENOSPC: "cannot be written: the disk is full",
};

/**
 * Returns the text of an error that is safe to print. Messages of Node.js repeat file names, and a user may have typed
 * a credential or a key in place of a file name.
 */
export function errorText(error: unknown): string {
  const { code, path } = Object(error) as { code?: unknown; path?: unknown };
  if (typeof code === "string" && typeof path === "string") {
    return `${printable(path) ?? "The file"} ${WORDS[code] ?? `cannot be used: ${code}`}`;
  }
  return maskUrls(error instanceof Error ? error.message : String(error));
}
