import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { CommandIo } from "../command-io.ts";
import { progressOn } from "../progress.ts";
import { LineError } from "./line-error.ts";
import { type Line, linesIn } from "./lines.ts";

/** Records that are written at the same time. */
const AT_ONCE = 16;

/** The lines of a file and its bytes; or of standard input, of which nobody knows the length. */
export async function openLines(file: string, { stdin }: CommandIo) {
  if (file === "-") return { lines: linesIn(stdin ?? Readable.from([])), size: undefined };
  // Before the stream, whose error nobody would hear: a file that is not there is told from here.
  const { size } = await stat(file);
  return { lines: linesIn(createReadStream(file)), size };
}

/** What takes lines. */
export interface Taker {
  /** What the lines are, for people: `keys`. */
  readonly noun: string;
  /** Takes the record of a line. @throws {LineError} */
  take(text: string, line: number): Promise<void>;
  /** Hears of a line that cannot be taken. */
  refuse(mistake: LineMistake): void;
  /** How many are there now. */
  count(): number;
}

export interface LineMistake {
  readonly line: number;
  readonly field: string;
  readonly message: string;
}

/**
 * Takes all lines, several at the same time, and says how far it is.
 *
 * @param size bytes of the file; undefined if nobody knows
 */
export async function takeLines(
  lines: AsyncIterable<Line>,
  size: number | undefined,
  taker: Taker,
  { stderr }: CommandIo,
): Promise<void> {
  const progress = progressOn(stderr);
  const done = () => `${taker.count().toLocaleString("en")} ${taker.noun}`;
  let several: Line[] = [];
  const takeSeveral = async () => {
    await Promise.all(several.map((line) => takeLine(line, taker)));
    const end = several.at(-1)?.end ?? 0;
    progress.show(done(), size === undefined ? undefined : end / size);
    several = [];
  };
  try {
    for await (const line of lines) {
      if (line.text?.trim() !== "") several.push(line);
      if (several.length === AT_ONCE) await takeSeveral();
    }
    await takeSeveral();
  } catch (error) {
    progress.end();
    stderr.write(`Stopped after ${done()}. The same command goes on: what is there counts as done.\n`);
    throw error;
  } finally {
    progress.end();
  }
}

async function takeLine({ text, number }: Line, taker: Taker): Promise<void> {
  try {
    if (text === undefined) throw new LineError("the line", "more than a megabyte", "one record");
    await taker.take(text, number);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    taker.refuse({ line: number, field: error.field, message: error.message });
  }
}
