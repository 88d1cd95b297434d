import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { Failure } from "../failure.ts";
import { linesIn } from "./lines.ts";

/** Where an interrupted export goes on. */
export interface ResumePoint {
  /** Records that are written. */
  readonly count: number;
  /** Bytes of whole lines. What is behind them was cut. */
  readonly length: number;
  /** Undefined: not even one record is written. */
  readonly last: string | undefined;
}

/**
 * Reads what an interrupted export has written.
 *
 * @param placeOf where in the table the record of a line is; undefined for a line that has none
 * @returns undefined if there is nothing to continue
 * @throws {Failure} if the file is not of an export with this header
 */
export async function resumePoint(
  file: string,
  header: string,
  placeOf: (line: unknown) => string | undefined,
): Promise<ResumePoint | undefined> {
  if (!(await isThere(file))) return undefined;
  let [count, length] = [0, 0];
  let last: string | undefined;
  for await (const { number, text, end, isWhole } of linesIn(createReadStream(file))) {
    if (!isWhole) break;
    if (number === 1 && `${text}\n` !== header) throw foreign(file);
    if (number > 1) [count, last] = [count + 1, text];
    length = end;
  }
  if (length === 0) return undefined;
  return { count, length, last: last === undefined ? undefined : placeIn(last) };

  function placeIn(line: string): string {
    try {
      const place = placeOf(JSON.parse(line));
      if (place !== undefined) return place;
    } catch {
      // The same as a line without a place.
    }
    throw foreign(file);
  }
}

const foreign = (file: string) =>
  new Failure(`${JSON.stringify(file)} is not of an interrupted export of this table. Remove it, or give --restart.`);

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
