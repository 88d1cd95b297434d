import { isDamaged, type KeyTable, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { isTombstone, type Tombstone } from "../../../providers/api-key/management/tombstone.ts";
import { allPages } from "../../../providers/api-key/management/whole-page.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { cursorOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { CommandIo } from "../../command-io.ts";
import { EXIT } from "../../exit-code.ts";
import { demandNew, type Source, type SourcePage, writeToFile, writeToOutput } from "../../transfer/write-lines.ts";
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

/** Writes all records, with hashes and without keys. Returns the exit code. */
export async function exportKeys({ file, restart = false }: ExportOptions, io: CommandIo): Promise<number> {
  if (file !== undefined) await demandNew(file);
  const { written, damaged } = await inTable(io, async (table, config) => {
    const source = await sourceOf(table, config, io);
    return file === undefined ? writeToOutput(source, io) : writeToFile(file, restart, source, io);
  });
  for (const id of damaged) io.stderr.write(`Key ${safeText(id)}: its record is damaged and is not in the export.\n`);
  io.stderr.write(`${written.toLocaleString("en")} keys are exported, with hashes of their secrets.\n`);
  return damaged.length === 0 ? EXIT.done : EXIT.failed;
}

async function sourceOf(table: KeyTable, config: ApiKeysConfig, { stderr }: CommandIo): Promise<Source> {
  const ids = config.peppers.map(({ id }) => id);
  return {
    noun: "keys",
    header: headerLine(config, await pepperChecks(config, ids, stderr)),
    placeOf(line) {
      const { id } = Object(line) as { id?: unknown };
      return typeof id === "string" ? id : undefined;
    },
    pages: (after) => pagesOf(table, after),
  };
}

async function* pagesOf(table: KeyTable, after: string | undefined): AsyncGenerator<SourcePage> {
  const cursor = after === undefined ? {} : { cursor: cursorOf(after, undefined) };
  for await (const { entries = [] } of allPages(table, { all: true }, { limit: 500, ...cursor })) {
    const lines: string[] = [];
    const damaged: string[] = [];
    for (const entry of entries) {
      const line = lineOf(entry);
      if (line === undefined) damaged.push(entry.id);
      else lines.push(line);
    }
    yield { lines, damaged };
  }
}

/** @returns undefined for a damaged record */
function lineOf(entry: ListedKey | Tombstone): string | undefined {
  if (isTombstone(entry)) return tombstoneLine(entry);
  return isDamaged(entry) ? undefined : recordLine(entry);
}
