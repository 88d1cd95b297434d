import type { Tombstone } from "../../../providers/api-key/management/tombstone.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { instantOf } from "../../../shared/domain/events/common.ts";
import type { CommandIo } from "../../command-io.ts";
import { EXIT } from "../../exit-code.ts";
import { Failure } from "../../failure.ts";
import { LineError } from "../../transfer/line-error.ts";
import type { Line } from "../../transfer/lines.ts";
import { openLines, type Taker, takeLines } from "../../transfer/take-lines.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "../change-of.ts";
import { safeText } from "../shown/safe-text.ts";
import { inTable } from "../table.ts";
import { readHeader, readRecord } from "./format.ts";
import { type PepperChecks, pepperChecks } from "./pepper-check.ts";
import { type Taken, takeRecord } from "./take-record.ts";

/** Options of `sallyport keys import`. */
export interface ImportOptions extends ChangeOptions {
  readonly dryRun?: boolean;
  /** Whether deleted keys come back. */
  readonly restoreDeleted?: boolean;
  readonly json?: boolean;
}

/** What an import did so far. */
interface Report {
  added: number;
  same: number;
  readonly different: { line: number; id: string; fields: readonly string[] }[];
  readonly deleted: { line: number; id: string; at: string; by?: string }[];
  readonly damaged: { line: number; field: string; message: string }[];
}

/** Takes the records of a file into the table. Returns the exit code. */
export async function importKeys(file: string, options: ImportOptions, io: CommandIo): Promise<number> {
  const { dryRun = false, restoreDeleted = false, json } = options;
  const { lines, size } = await openLines(file, io);
  const report: Report = { added: 0, same: 0, different: [], deleted: [], damaged: [] };
  await inTable(io, async (table, config) => {
    const first = await lines.next();
    if (first.done) throw new Failure("The file is empty: its first line is to be the header of `keys export`.");
    await checkHeader(first.value, config, io);
    const time = nowInSeconds();
    const taking = { isDry: dryRun, ...(restoreDeleted && { restoring: changeOf(options) }) };
    const taker: Taker = {
      noun: "keys",
      take: async (text, line) => note(await takeRecord(readRecord(text, config, time), table, taking), line, report),
      refuse: (mistake) => report.damaged.push(mistake),
      count: () => report.added + report.same,
    };
    await takeLines(lines, size, taker, io);
  });
  if (json) io.stdout.write(`${JSON.stringify({ ...report, dryRun })}\n`);
  summarise(report, dryRun, io);
  return report.different.length + report.deleted.length + report.damaged.length === 0 ? EXIT.done : EXIT.failed;
}

/** @throws {Failure} if the file is of another format, or its keys have another prefix */
async function checkHeader({ text }: Line, config: ApiKeysConfig, io: CommandIo): Promise<void> {
  const { prefix, environment, peppers } = config;
  const { stderr } = io;
  try {
    const header = readHeader(text ?? "");
    if (header.prefix !== prefix) throw new LineError("prefix", JSON.stringify(header.prefix), JSON.stringify(prefix));
    if (header.environment !== environment) {
      throw new LineError("environment", JSON.stringify(header.environment), JSON.stringify(environment));
    }
    const missing = header.peppers.filter((id) => !peppers.some((pepper) => pepper.id === id));
    if (missing.length > 0) {
      stderr.write(
        `The configuration has no pepper ${safeText(missing.join(", "))}: keys that need one are named and left out.\n`,
      );
    }
    const ids = header.peppers.filter((id) => !missing.includes(id));
    await demandSamePeppers(ids, header.pepperChecks, config, io);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new Failure(`Line 1: ${safeText(error.message)}. Nothing was changed.`, { cause: error });
  }
}

/** @throws {LineError} if a pepper is another one: every key of the file that needs it would be refused */
async function demandSamePeppers(
  ids: readonly string[],
  theirs: PepperChecks,
  config: ApiKeysConfig,
  { stderr, target = "" }: CommandIo,
): Promise<void> {
  const known = new Map(Object.entries(theirs));
  const ours = new Map(
    Object.entries(
      await pepperChecks(
        config,
        ids.filter((id) => known.has(id)),
        stderr,
      ),
    ),
  );
  const other = ids.find((id) => ours.has(id) && ours.get(id) !== known.get(id));
  if (other !== undefined) {
    throw new LineError(
      `pepper ${other}`,
      "another one under this id",
      "the one of the configuration that made the file",
    );
  }
  if (ids.every((id) => ours.has(id))) return;
  stderr.write(
    `Nobody knows whether the peppers are the same: try one key with \`sallyport keys identify${target}\`.\n`,
  );
}

function note(taken: Taken, line: number, report: Report): void {
  if (taken.result === "deleted") report.deleted.push(deletionIn(line, taken.tombstone));
  else if (taken.result === "different") report.different.push({ line, id: taken.id, fields: taken.fields });
  else report[taken.result]++;
}

const deletionIn = (line: number, { id, deletedAt, deletedBy }: Tombstone) => ({
  ...{ line, id, at: instantOf(deletedAt) },
  ...(deletedBy !== undefined && { by: deletedBy }),
});

function summarise({ added, same, different, deleted, damaged }: Report, isDry: boolean, { stderr }: CommandIo): void {
  const byLine = (one: { line: number }, other: { line: number }) => one.line - other.line;
  for (const { line, message } of damaged.toSorted(byLine)) stderr.write(`Line ${line}: ${safeText(message)}.\n`);
  for (const { line, id, fields } of different.toSorted(byLine)) {
    stderr.write(`Line ${line}: key ${id} is in the table with another ${fields.join(", ")}. It was left as it is.\n`);
  }
  for (const { line, id, at, by } of deleted.toSorted(byLine)) {
    const who = by === undefined ? "" : `, by ${safeText(by)}`;
    stderr.write(`Line ${line}: key ${id} was deleted at ${at}${who}. It stays so without --restore-deleted.\n`);
  }
  const counts = [`${isDry ? "Would add" : "Added"} ${shown(added)}`, `there already ${shown(same)}`];
  if (different.length > 0) counts.push(`different ${shown(different.length)}`);
  if (deleted.length > 0) counts.push(`deleted ${shown(deleted.length)}`);
  if (damaged.length > 0) counts.push(`not to be used ${shown(damaged.length)}`);
  stderr.write(`${counts.join(", ")}.${isDry ? " Nothing was changed." : ""}\n`);
}

const shown = (count: number) => count.toLocaleString("en");
