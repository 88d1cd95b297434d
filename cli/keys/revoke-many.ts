import { isDamaged, type KeyTable, type ListedKey } from "../../providers/api-key/management/key-table.ts";
import { revokeListed } from "../../providers/api-key/management/revoke-listed.ts";
import { allPages } from "../../providers/api-key/management/whole-page.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent } from "../consent.ts";
import { errorText } from "../error-text.ts";
import { EXIT } from "../exit-code.ts";
import { Failure } from "../failure.ts";
import { progressOn } from "../progress.ts";
import { cacheNote } from "./cache-note.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "./change-of.ts";
import { keyTable } from "./shown/key-table.ts";
import { publicKey } from "./shown/public-record.ts";
import { safeText } from "./shown/safe-text.ts";
import { failureOf, inTable } from "./table.ts";

type Whose = { readonly owner: string } | { readonly tenant: string };

interface RevokeManyOptions extends ChangeOptions, ConsentOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Keys of a page. People see the progress after each. */
const AT_ONCE = 50;

/** Ends all keys of an owner or a tenant for good. Returns the exit code. */
export async function revokeMany(whose: Whose, options: RevokeManyOptions, io: CommandIo): Promise<number> {
  const of = "owner" in whose ? `the owner ${safeText(whose.owner)}` : `the tenant ${safeText(whose.tenant)}`;
  if (options.dryRun) return dryRun(whose, of, options, io);
  const { keys, isAny } = await inTable(io, (table) => notRevoked(table, whose));
  if (!isAny) throw noSuchKeys(of);
  const count = keys.length;
  if (count === 0) {
    io.stderr.write(`There is nothing to revoke: no key of ${of} is active or disabled.\n`);
    if (options.json) io.stdout.write(`${JSON.stringify({ revoked: [], failed: [] })}\n`);
    return EXIT.done;
  }
  // Who is asked sees which keys they are.
  if (io.person && !options.yes) io.stderr.write(keyTable(keys, nowInSeconds(), io.stderr));
  await demandConsent(`Revoke ${counted(count)} of ${of} for good?`, options, io);
  const { revoked, failed } = await revokeEach(whose, count, options, io);
  if (options.json) io.stdout.write(`${JSON.stringify({ revoked, failed: failed.map(({ id }) => id) })}\n`);
  else io.stdout.write(revoked.map((id) => `${id}\n`).join(""));
  for (const { id, text } of failed) io.stderr.write(`Key ${id} is NOT revoked: ${text}\n`);
  io.stderr.write(`${counted(revoked.length)} of ${of} ${revoked.length === 1 ? "is" : "are"} revoked for good. `);
  io.stderr.write(cacheNote());
  if (failed.length === 0) return EXIT.done;
  io.stderr.write(`${counted(failed.length)} could not be revoked. The same command goes on with what is left.\n`);
  return EXIT.failed;
}

/**
 * Revokes page by page. The index lags behind the table, so the keys are listed again until a list has nothing new: a key
 * that is issued meanwhile is found, if the index has it by then.
 */
async function revokeEach(whose: Whose, count: number, options: ChangeOptions, io: CommandIo) {
  const progress = progressOn(io.stderr);
  const change = changeOf(options);
  const revoked: string[] = [];
  const failed: { id: string; text: string }[] = [];
  const seen = new Set<string>();
  const isMeant = (record: KeyRecord) =>
    "owner" in whose ? record.owner === whose.owner : record.tenant === whose.tenant;
  await inTable(io, async (table, { table: name }) => {
    for (let isNew = true; isNew; ) {
      isNew = false;
      for await (const keys of liveKeys(table, whose, AT_ONCE)) {
        const unseen = keys.filter(({ id }) => !seen.has(id));
        for (const { id } of unseen) seen.add(id);
        isNew ||= unseen.length > 0;
        const result = await revokeListed(table, unseen, change, isMeant);
        revoked.push(...result.revoked);
        failed.push(
          ...result.failed.map(({ id, error }) => ({ id, text: errorText(failureOf(error, name, io.target)) })),
        );
        const done = revoked.length + failed.length;
        const all = Math.max(count, done);
        progress.show(`${done.toLocaleString("en")} of ${counted(all)}`, all === 0 ? 1 : done / all);
      }
    }
  }).finally(() => progress.end());
  return { revoked, failed };
}

/** Shows what would be revoked. */
async function dryRun(whose: Whose, of: string, { json }: RevokeManyOptions, io: CommandIo): Promise<number> {
  const { keys, isAny } = await inTable(io, (table) => notRevoked(table, whose));
  if (!isAny) throw noSuchKeys(of);
  if (json) io.stdout.write(`${JSON.stringify({ wouldRevoke: keys.map((key) => publicKey(key, nowInSeconds())) })}\n`);
  else if (keys.length > 0) io.stdout.write(keyTable(keys, nowInSeconds(), io.stdout));
  io.stderr.write(`Would revoke ${counted(keys.length)} of ${of}. Nothing was changed.\n`);
  return EXIT.done;
}

/** A typing error in a name must not look like a success. */
const noSuchKeys = (of: string) => new Failure(`No key, not even a revoked one, is of ${of}. Nothing was changed.`);

/** The keys that are not revoked, and whether there are any at all. */
async function notRevoked(table: KeyTable, whose: Whose) {
  const found: ListedKey[] = [];
  let isAny = false;
  for await (const { keys } of allPages(table, whose, { limit: 1000 })) {
    isAny ||= keys.length > 0;
    found.push(...keys.filter(isLive));
  }
  return { keys: found, isAny };
}

const isLive = (key: ListedKey) => isDamaged(key) || key.status !== "revoked";

/** The keys that are not revoked, page by page. */
async function* liveKeys(table: KeyTable, whose: Whose, limit: number): AsyncGenerator<ListedKey[]> {
  for await (const { keys } of allPages(table, whose, { limit })) {
    yield keys.filter(isLive);
  }
}

const counted = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "key" : "keys"}`;
