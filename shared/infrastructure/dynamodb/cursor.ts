import * as v from "valibot";

/** Where a page ended. The rest of DynamoDB's key follows from the query, so that a cursor cannot leave it. */
const position = v.strictTuple([
  v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,256}$/)),
  v.nullish(v.pipe(v.number(), v.safeInteger())),
]);
export type Position = v.InferOutput<typeof position>;

/** A cursor that was not made by `cursorOf`. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

/** The text of a position: an id, and the sort key where the index has one. */
export const cursorOf = (...at: Position): string => Buffer.from(JSON.stringify(at)).toString("base64url");

/** @throws {CursorError} */
export function positionOf(cursor: string): Position {
  try {
    return v.parse(position, JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw new CursorError("The cursor is none that a page of this list ended with.");
  }
}
