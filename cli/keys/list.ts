import { expiringPage } from "../../providers/api-key/management/expiring.ts";
import type { KeyPage, KeyTable } from "../../providers/api-key/management/key-table.ts";
import { listCursor } from "../../providers/api-key/management/list-cursor.ts";
import { wholePage } from "../../providers/api-key/management/whole-page.ts";
import { CursorError } from "../../shared/infrastructure/dynamodb/cursor.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";
import { nowInSeconds } from "./change-of.ts";
import { keyTable } from "./shown/key-table.ts";
import { publicKey, stateOf } from "./shown/public-record.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys list`. */
export interface ListOptions {
  readonly owner?: string;
  readonly tenant?: string;
  /** Seconds from now. */
  readonly expiringWithin?: number;
  readonly all?: boolean;
  /** As `stateOf` says it. */
  readonly status?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** Prints a page of keys, without their hashes. */
export async function listKeys(options: ListOptions, io: CommandIo): Promise<void> {
  demandOneFilter(options);
  const now = nowInSeconds();
  if (options.all) io.stderr.write("--all reads the whole table, in no order.\n");
  const { keys, cursor } = await inTable(io, (table) => pageOf(options, table, now).catch(wrongCursor));
  if (options.json) {
    io.stdout.write(
      `${JSON.stringify({ keys: keys.map((key) => publicKey(key, now)), ...(cursor !== undefined && { cursor }) })}\n`,
    );
    return;
  }
  if (keys.length === 0) io.stderr.write(cursor === undefined ? "There are no such keys.\n" : "");
  else io.stdout.write(keyTable(keys, now, io.stdout));
  if (cursor !== undefined)
    io.stderr.write(`There may be more. The next page: the same options and --cursor ${cursor}\n`);
}

async function pageOf(given: ListOptions, table: KeyTable, now: number): Promise<KeyPage> {
  const { owner, tenant, expiringWithin, all, status, cursor } = given;
  const cursors = listCursor({ owner, tenant, expiringWithin, all, status });
  const page = await innerPageOf(
    { ...given, ...(cursor !== undefined && { cursor: cursors.read(cursor) }) },
    table,
    now,
  );
  const keys = page.keys.filter((key) => status === undefined || stateOf(key, now) === status);
  return { keys, ...(page.cursor !== undefined && { cursor: cursors.write(page.cursor) }) };
}

function innerPageOf(
  { owner, tenant, expiringWithin, limit, cursor }: ListOptions,
  table: KeyTable,
  now: number,
): Promise<KeyPage> {
  const options = { limit, ...(cursor !== undefined && { cursor }) };
  if (owner !== undefined) return wholePage(table, { owner }, options);
  if (tenant !== undefined) return wholePage(table, { tenant }, options);
  if (expiringWithin !== undefined) return expiringPage(table, { from: now, until: now + expiringWithin }, options);
  return wholePage(table, { all: true }, options);
}

/** @throws {UsageError} without a filter: a table may have a million keys, and a scan reads and pays for all of them */
function demandOneFilter({ owner, tenant, expiringWithin, all }: ListOptions): void {
  const given = [owner, tenant, expiringWithin, all].filter((option) => option !== undefined);
  if (given.length === 1) return;
  throw new UsageError(
    `${given.length === 0 ? "Which keys? Give" : "Give only"} one of --owner NAME, --tenant NAME, ` +
      "--expiring-within 30d, or --all, which reads the whole table.",
  );
}

function wrongCursor(error: unknown): never {
  if (!(error instanceof CursorError)) throw error;
  throw new UsageError("--cursor: found a text of another form, allowed is what a page of this list ended with.");
}
