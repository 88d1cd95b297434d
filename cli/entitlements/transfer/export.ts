import type { EntitlementTable } from "../../../providers/entitlements/management/entitlement-table.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import { cursorOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { CommandIo } from "../../command-io.ts";
import { EXIT } from "../../exit-code.ts";
import { safeText } from "../../keys/shown/safe-text.ts";
import { demandNew, type Source, type SourcePage, writeToFile, writeToOutput } from "../../transfer/write-lines.ts";
import { inEntitlements } from "../table.ts";
import { HEADER, readRecord, recordLine } from "./format.ts";

/** Options of `sallyport entitlements export`. */
export interface ExportOptions {
  /** Absent: standard output. */
  readonly file?: string;
  readonly restart?: boolean;
}

/** Writes all records. Returns the exit code. */
export async function exportRecords({ file, restart = false }: ExportOptions, io: CommandIo): Promise<number> {
  if (file !== undefined) await demandNew(file);
  const { written, damaged } = await inEntitlements(io, (table) => {
    const source: Source = { noun: "records", header: HEADER, placeOf, pages: (after) => pagesOf(table, after) };
    return file === undefined ? writeToOutput(source, io) : writeToFile(file, restart, source, io);
  });
  for (const key of damaged) io.stderr.write(`${safeText(key)}: the record is damaged and is not in the export.\n`);
  io.stderr.write(`${written.toLocaleString("en")} records are exported.\n`);
  return damaged.length === 0 ? EXIT.done : EXIT.failed;
}

const placeOf = (line: unknown) => recordKey(readRecord(JSON.stringify(line)));

async function* pagesOf(table: EntitlementTable, after: string | undefined): AsyncGenerator<SourcePage> {
  let cursor = after === undefined ? undefined : cursorOf(after, undefined);
  do {
    const page = await table.page({ all: true }, { limit: 500, ...(cursor !== undefined && { cursor }) });
    yield {
      lines: page.records.flatMap((record) => (record.kind === "damaged" ? [] : recordLine(record))),
      damaged: page.records.flatMap((record) => (record.kind === "damaged" ? record.key : [])),
    };
    cursor = page.cursor;
  } while (cursor !== undefined);
}
