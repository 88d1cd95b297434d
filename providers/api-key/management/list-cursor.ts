import { createHash } from "node:crypto";
import { CursorError } from "../../../shared/infrastructure/dynamodb/cursor.ts";

/**
 * Ties cursors to one list, so that the cursor of another one is refused in place of a page in the middle of nowhere.
 *
 * @param filter what was asked for, but for the length of a page
 */
export function listCursor(filter: Readonly<Record<string, unknown>>) {
  const names = Object.keys(filter).filter((name) => filter[name] !== undefined);
  const text = JSON.stringify(names.toSorted().map((name) => [name, filter[name]]));
  const mark = `${createHash("sha256").update(text).digest("base64url").slice(0, 11)}.`;
  return {
    write: (cursor: string): string => mark + cursor,
    /** @throws {CursorError} for a cursor of another list */
    read(cursor: string): string {
      if (cursor.startsWith(mark)) return cursor.slice(mark.length);
      throw new CursorError("The cursor is of another list.");
    },
  };
}
