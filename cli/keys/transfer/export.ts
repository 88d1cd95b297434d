import { once } from "node:events";
import { open, rename, stat } from "node:fs/promises";
import { isDamaged, type KeyTable, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { isTombstone, type Tombstone } from "../../../providers/api-key/management/tombstone.ts";
import { allPages } from "../../../providers/api-key/management/whole-page.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { cursorOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { CommandIo, Output } from "../../command-io.ts";
import { EXIT } from "../../exit-code.ts";
import { Failure } from "../../failure.ts";
import { progressOn } from "../../progress.ts";
import { resumePoint } from "../../transfer/resume-point.ts";
import { safeText } from "../shown/safe-text.ts";
import { inTable } from "../table.ts";
import { headerLine, recordLine, tombstoneLine } from "./format.ts";
import { pepperChecks } from "./pepper-check.ts";

/** Options of `sallyport keys export`. */
export interface ExportOptions {
  /** Absent: standard output. */
  readonly file?: string;
  readonly restart?: boolean;
}

type Write = (text: string) => Promise<unknown>;

/** Writes all records, with hashes and without keys. Returns the exit code. */
export async function exportKeys({ file, restart = false }: ExportOptions, io: CommandIo): Promise<number> {
  const { written, damaged } = await (file === undefined ? toOutput(io) : toFile(file, restart, io));
  for (const id of damaged) io.stderr.write(`Key ${safeText(id)}: its record is damaged and is not in the export.\n`);
  io.stderr.write(`${written.toLocaleString("en")} keys are exported, with hashes of their secrets.\n`);
  return damaged.length === 0 ? EXIT.done : EXIT.failed;
}

const toOutput = (io: CommandIo) =>
  inTable(io, async (table, config) => {
    const write = (text: string) => drained(io.stdout, text);
    await write(await headerOf(config, io));
    return copy(table, write, io);
  });

async function headerOf(config: ApiKeysConfig, { stderr }: CommandIo): Promise<string> {
  const ids = config.peppers.map(({ id }) => id);
  return headerLine(config, await pepperChecks(config, ids, stderr));
}

/** Waits where a pipe is slower than the table. */
async function drained(output: Output, text: string): Promise<void> {
  if (output.write(text) === false && "once" in output) await once(output as NodeJS.WritableStream, "drain");
}

/**
 * Writes a file that has its name only when it is complete. What an interrupted export has written is continued: the
 * order of a scan is fixed, so that the last record says where to go on.
 */
async function toFile(file: string, restart: boolean, io: CommandIo) {
  if (await exists(file)) throw new Failure(`${JSON.stringify(file)} exists already. Name another file, or remove it.`);
  const part = `${file}.part`;
  return inTable(io, async (table, config) => {
    const header = await headerOf(config, io);
    const start = restart ? undefined : await resumePoint(part, header);
    const handle = await open(part, start ? "r+" : "w", 0o600);
    try {
      await handle.truncate(start?.length ?? 0);
      let at = start?.length ?? 0;
      const write = async (text: string) => {
        await handle.write(text, at);
        at += Buffer.byteLength(text);
      };
      if (!start) await write(header);
      else io.stderr.write(`Goes on after the ${start.count.toLocaleString("en")} keys of ${JSON.stringify(part)}.\n`);
      const copied = await copy(table, write, io, start?.lastId);
      await handle.sync();
      await rename(part, file);
      return { ...copied, written: copied.written + (start?.count ?? 0) };
    } finally {
      await handle.close();
    }
  });
}

async function copy(table: KeyTable, write: Write, { stderr }: CommandIo, after?: string) {
  const progress = progressOn(stderr);
  const damaged: string[] = [];
  let written = 0;
  const cursor = after === undefined ? {} : { cursor: cursorOf(after, undefined) };
  try {
    for await (const { entries = [] } of allPages(table, { all: true }, { limit: 500, ...cursor })) {
      const lines: string[] = [];
      for (const entry of entries) {
        const line = lineOf(entry);
        if (line === undefined) damaged.push(entry.id);
        else lines.push(line);
      }
      await write(lines.join(""));
      written += lines.length;
      progress.show(`${written.toLocaleString("en")} keys`);
    }
  } finally {
    progress.end();
  }
  return { written, damaged };
}

/** @returns undefined for a damaged record */
function lineOf(entry: ListedKey | Tombstone): string | undefined {
  if (isTombstone(entry)) return tombstoneLine(entry);
  return isDamaged(entry) ? undefined : recordLine(entry);
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
