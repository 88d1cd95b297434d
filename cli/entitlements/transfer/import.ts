import type { RecordRef } from "../../../providers/entitlements/record-key.ts";
import type { CommandIo } from "../../command-io.ts";
import { EXIT } from "../../exit-code.ts";
import { Failure } from "../../failure.ts";
import { nowInSeconds } from "../../keys/change-of.ts";
import { safeText } from "../../keys/shown/safe-text.ts";
import { LineError } from "../../transfer/line-error.ts";
import { type LineMistake, openLines, type Taker, takeLines } from "../../transfer/take-lines.ts";
import { shownRef } from "../ref.ts";
import { inEntitlements } from "../table.ts";
import { demandHeader, readRecord } from "./format.ts";
import { takeRecord } from "./take-record.ts";

/** Options of `sallyport entitlements import`. */
export interface ImportOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** A record that the table has with other values. */
interface Different {
  readonly line: number;
  readonly record: RecordRef;
  readonly fields: readonly string[];
  readonly newer: "file" | "table";
}

/** What an import did so far. */
interface Report {
  added: number;
  same: number;
  /** Revoked tokens that have ended more than a day ago. */
  ended: number;
  readonly different: Different[];
  readonly damaged: LineMistake[];
}

/** Takes the records of a file into the table. Returns the exit code. */
export async function importRecords(
  file: string,
  { dryRun = false, json }: ImportOptions,
  io: CommandIo,
): Promise<number> {
  const { lines, size } = await openLines(file, io);
  const report: Report = { added: 0, same: 0, ended: 0, different: [], damaged: [] };
  await inEntitlements(io, async (table) => {
    const first = await lines.next();
    if (first.done)
      throw new Failure("The file is empty: its first line is to be the header of `entitlements export`.");
    checkHeader(first.value.text ?? "");
    const taker: Taker = {
      noun: "records",
      async take(text, line) {
        const record = readRecord(text);
        const taken = await takeRecord(record, table, { isDry: dryRun, time: nowInSeconds() });
        if (taken.result !== "different") report[taken.result]++;
        else report.different.push({ line, record: namesOf(record), fields: taken.fields, newer: taken.newer });
      },
      refuse: (mistake) => report.damaged.push(mistake),
      count: () => report.added + report.same + report.ended,
    };
    await takeLines(lines, size, taker, io);
  });
  if (json) io.stdout.write(`${JSON.stringify({ ...report, dryRun })}\n`);
  summarise(report, dryRun, io);
  return report.different.length + report.damaged.length === 0 ? EXIT.done : EXIT.failed;
}

/** @throws {Failure} if the file is of another format */
function checkHeader(line: string): void {
  try {
    demandHeader(line);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new Failure(`Line 1: ${safeText(error.message)}. Nothing was changed.`, { cause: error });
  }
}

function namesOf(record: RecordRef): RecordRef {
  if (record.kind === "tenant") return { kind: "tenant", tenant: record.tenant };
  const { issuer } = record;
  if (record.kind === "token") return { kind: "token", issuer, tokenId: record.tokenId };
  return { kind: "subject", issuer, subject: record.subject };
}

function summarise({ added, same, ended, different, damaged }: Report, isDry: boolean, { stderr }: CommandIo): void {
  const byLine = (one: { line: number }, other: { line: number }) => one.line - other.line;
  for (const { line, message } of damaged.toSorted(byLine)) stderr.write(`Line ${line}: ${safeText(message)}.\n`);
  for (const { line, record, fields, newer } of different.toSorted(byLine)) {
    const whose = newer === "file" ? "the file's is newer" : "the table's is not older";
    stderr.write(
      `Line ${line}: ${shownRef(record)} is in the table with another ${fields.join(", ")}; ${whose}. It was left as it is.\n`,
    );
  }
  const counts = [`${isDry ? "Would add" : "Added"} ${shown(added)}`, `there already ${shown(same)}`];
  if (ended > 0) counts.push(`ended ${shown(ended)}`);
  if (different.length > 0) counts.push(`different ${shown(different.length)}`);
  if (damaged.length > 0) counts.push(`not to be used ${shown(damaged.length)}`);
  stderr.write(`${counts.join(", ")}.${isDry ? " Nothing was changed." : ""}\n`);
}

const shown = (count: number) => count.toLocaleString("en");
