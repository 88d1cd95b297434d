import { isDamaged, type KeyTable, type ListedKey } from "../../providers/api-key/management/key-table.ts";
import { revokeMany as revokeAll } from "../../providers/api-key/management/revoke-many.ts";
import { allPages } from "../../providers/api-key/management/whole-page.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent } from "../consent.ts";
import { errorText } from "../error-text.ts";
import { EXIT } from "../exit-code.ts";
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

/** Ends all keys of an owner or a tenant for good. Returns the exit code. */
export async function revokeMany(whose: Whose, options: RevokeManyOptions, io: CommandIo): Promise<number> {
  const of = "owner" in whose ? `the owner ${safeText(whose.owner)}` : `the tenant ${safeText(whose.tenant)}`;
  if (options.dryRun) return dryRun(whose, of, options, io);
  const count = (await inTable(io, (table) => notRevoked(table, whose))).length;
  if (count === 0) {
    io.stderr.write(`There is nothing to revoke: no key of ${of} is active or disabled.\n`);
    if (options.json) io.stdout.write(`${JSON.stringify({ revoked: [], failed: [] })}\n`);
    return EXIT.done;
  }
  await demandConsent(`Revoke ${counted(count)} of ${of} for good?`, options, io);
  const { revoked, failed } = await revokeEach(whose, count, options, io);
  if (options.json) io.stdout.write(`${JSON.stringify({ revoked, failed: failed.map(({ id }) => id) })}\n`);
  for (const { id, text } of failed) io.stderr.write(`Key ${id} is NOT revoked: ${text}\n`);
  io.stderr.write(`${counted(revoked.length)} of ${of} ${revoked.length === 1 ? "is" : "are"} revoked for good. `);
  io.stderr.write(cacheNote());
  if (failed.length === 0) return EXIT.done;
  io.stderr.write(`${counted(failed.length)} could not be revoked. The same command goes on with what is left.\n`);
  return EXIT.failed;
}

async function revokeEach(whose: Whose, count: number, options: ChangeOptions, io: CommandIo) {
  const progress = progressOn(io.stderr);
  const revoked: string[] = [];
  const failed: { id: string; text: string }[] = [];
  try {
    await inTable(io, async (table, { table: name }) => {
      for await (const each of revokeAll(table, whose, changeOf(options))) {
        if (each.result === "failed") failed.push({ id: each.id, text: errorText(failureOf(each.error, name)) });
        if (each.result === "revoked") revoked.push(each.id);
        const done = revoked.length + failed.length;
        progress.show(
          `${done.toLocaleString("en")} of ${counted(Math.max(count, done))}`,
          done / Math.max(count, done, 1),
        );
      }
    });
  } finally {
    progress.end();
  }
  return { revoked, failed };
}

/** Shows what would be revoked. */
async function dryRun(whose: Whose, of: string, { json }: RevokeManyOptions, io: CommandIo): Promise<number> {
  const keys = await inTable(io, (table) => notRevoked(table, whose));
  if (json) io.stdout.write(`${JSON.stringify({ wouldRevoke: keys.map(publicKey) })}\n`);
  else if (keys.length > 0) io.stdout.write(keyTable(keys, nowInSeconds(), io.stdout));
  io.stderr.write(`Would revoke ${counted(keys.length)} of ${of}. Nothing was changed.\n`);
  return EXIT.done;
}

async function notRevoked(table: KeyTable, whose: Whose): Promise<ListedKey[]> {
  const found: ListedKey[] = [];
  for await (const { keys } of allPages(table, whose)) {
    found.push(...keys.filter((key) => isDamaged(key) || key.status !== "revoked"));
  }
  return found;
}

const counted = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "key" : "keys"}`;
