import type { Change } from "../../providers/api-key/management/change.ts";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { revokeListed } from "../../providers/api-key/management/revoke-listed.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { CommandRefused } from "./command-refused.ts";
import type { Continuation } from "./message.ts";
import type { CommandResult, Progress } from "./result.ts";

/** Keys of a page. */
const PAGE = 100;

/** Seconds until the second pass. An index lags behind the table, mostly by less than one. */
export const INDEX_LAG = 60;

/** Seconds until a key that could not be revoked is tried again. */
const RETRY_DELAY = 30;

/** Keys of one page that may fail alone. If more of them fail, the trouble is the table's. */
const FEW = 10;

/**
 * Seconds after the command within which keys that are issued end too. Keys of later, of an owner who came back, are not
 * meant: a command may be delivered again, or be replayed, days later.
 */
export const MEANT_AFTER = 3600;

interface Run {
  readonly table: KeyTable;
  readonly change: Change;
  /** When the command was sent, in seconds since the epoch. */
  readonly time: number;
  readonly continuation: Continuation | undefined;
  readonly isLate: () => boolean;
}

/**
 * Revokes the keys of an owner or a tenant, page by page, until it is late. After the first pass over all of them comes
 * a second one, for keys that the index did not have yet.
 *
 * @throws {CommandRefused} `nothing_found` if there is no such key, not even a revoked one
 * @throws if the table is in trouble
 */
export async function revokeKeysOf(
  query: { readonly owner: string } | { readonly tenant: string },
  { table, change, time, continuation = { pass: 1, found: false }, isLate }: Run,
): Promise<CommandResult> {
  const isMeant = (record: KeyRecord) =>
    ("owner" in query ? record.owner === query.owner : record.tenant === query.tenant) &&
    // No key is issued in the future: a record that says so was imported, and must not outlive its tenant.
    (record.createdAt <= time + MEANT_AFTER || record.createdAt > change.time + MEANT_AFTER);
  if ("key" in continuation) {
    // Listed as damaged, so that whatever the table holds decides.
    const { revoked, failed } = await revokeListed(
      table,
      [{ id: continuation.key, status: "damaged" }],
      change,
      isMeant,
    );
    for (const { error } of failed) throw error;
    return { revoked, next: [] };
  }

  const { pass } = continuation;
  let { found } = continuation;
  const revoked: string[] = [];
  const next: Progress[] = [];
  for (let { cursor } = continuation; ; ) {
    const page = await table.page(query, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
    found ||= page.keys.length > 0;
    const result = await revokeListed(table, page.keys, change, isMeant);
    if (result.failed.length > FEW) throw result.failed[0]?.error;
    revoked.push(...result.revoked);
    next.push(...result.failed.map(({ id }) => ({ where: { key: id }, delay: RETRY_DELAY })));
    cursor = page.cursor;
    if (cursor === undefined) break;
    if (isLate()) return { revoked, next: [...next, { where: { pass, cursor, found }, delay: 0 }] };
  }
  if (pass === 1) return { revoked, next: [...next, { where: { pass: 2, found }, delay: INDEX_LAG }] };
  // A typing error in the name of an owner or a tenant must not look like a success.
  if (!found) throw new CommandRefused("nothing_found");
  return { revoked, next };
}
