import { once } from "node:events";
import { open, rename, stat } from "node:fs/promises";
import type { CommandIo, Output } from "../command-io.ts";
import { Failure } from "../failure.ts";
import { progressOn } from "../progress.ts";
import { resumePoint } from "./resume-point.ts";

/** What an export writes. */
export interface Source {
  /** What the lines are, for people: `keys`. */
  readonly noun: string;
  /** The first line. */
  readonly header: string;
  /** Where in the table the record of a line is; undefined for a line that has none. */
  placeOf(line: unknown): string | undefined;
  /** All lines in a fixed order, page by page, or those after a place. */
  pages(after: string | undefined): AsyncIterable<SourcePage>;
}

export interface SourcePage {
  readonly lines: readonly string[];
  /** What is damaged and has no line, by its name. */
  readonly damaged: readonly string[];
}

/** What an export wrote. */
export interface Written {
  /** Lines of the file, but for the first. */
  readonly written: number;
  readonly damaged: readonly string[];
}

type Write = (text: string) => Promise<unknown>;

/** @throws {Failure} if a file of this name is there */
export async function demandNew(file: string): Promise<void> {
  if (await exists(file)) throw new Failure(`${JSON.stringify(file)} exists already. Name another file, or remove it.`);
}

/** Writes all lines to standard output. */
export async function writeToOutput(source: Source, io: CommandIo): Promise<Written> {
  const write = (text: string) => drained(io.stdout, text);
  await write(source.header);
  return copy(source, write, io);
}

/**
 * Writes a file that has its name only when it is complete. What an interrupted export has written is continued: the
 * order of a scan is fixed, so that the last record says where to go on.
 *
 * @param restart whether to begin anew
 */
export async function writeToFile(file: string, restart: boolean, source: Source, io: CommandIo): Promise<Written> {
  const { header, noun, placeOf } = source;
  const part = `${file}.part`;
  const start = restart ? undefined : await resumePoint(part, header, placeOf);
  const handle = await open(part, start ? "r+" : "w", 0o600);
  try {
    await handle.truncate(start?.length ?? 0);
    let at = start?.length ?? 0;
    const write = async (text: string) => {
      await handle.write(text, at);
      at += Buffer.byteLength(text);
    };
    if (!start) await write(header);
    else io.stderr.write(`Goes on after the ${start.count.toLocaleString("en")} ${noun} of ${JSON.stringify(part)}.\n`);
    const copied = await copy(source, write, io, start?.last);
    await handle.sync();
    await rename(part, file);
    return { ...copied, written: copied.written + (start?.count ?? 0) };
  } finally {
    await handle.close();
  }
}

/** Waits where a pipe is slower than the table. */
async function drained(output: Output, text: string): Promise<void> {
  if (output.write(text) === false && "once" in output) await once(output as NodeJS.WritableStream, "drain");
}

async function copy({ pages, noun }: Source, write: Write, { stderr }: CommandIo, after?: string): Promise<Written> {
  const progress = progressOn(stderr);
  const damaged: string[] = [];
  let written = 0;
  try {
    for await (const page of pages(after)) {
      damaged.push(...page.damaged);
      await write(page.lines.join(""));
      written += page.lines.length;
      progress.show(`${written.toLocaleString("en")} ${noun}`);
    }
  } finally {
    progress.end();
  }
  return { written, damaged };
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
