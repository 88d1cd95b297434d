import { readKey } from "../../providers/api-key/management/change.ts";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { revokeKey } from "../../providers/api-key/management/status.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent, demandSomebodyToAsk } from "../consent.ts";
import { EXIT } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import { cacheNote } from "./cache-note.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "./change-of.ts";
import { genuineId } from "./genuine-id.ts";
import { revokeMany } from "./revoke-many.ts";
import { publicRecord } from "./shown/public-record.ts";
import { safeText } from "./shown/safe-text.ts";
import { eventText } from "./shown/times.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys revoke`. */
export interface RevokeOptions extends ChangeOptions, ConsentOptions {
  readonly owner?: string;
  readonly tenant?: string;
  readonly dryRun?: boolean;
  readonly ifVersion?: number;
  readonly json?: boolean;
}

/** Ends one key, or all keys of an owner or a tenant, for good. Returns the exit code. */
export async function revoke(id: string | undefined, options: RevokeOptions, io: CommandIo): Promise<number> {
  const { owner, tenant, ifVersion, dryRun } = options;
  if (id !== undefined && (owner ?? tenant) !== undefined) {
    const option = owner === undefined ? "--tenant" : "--owner";
    throw new UsageError(`A key or its id ends one key, ${option} all keys of it: give one of the two.`);
  }
  if ([id, owner, tenant].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError("Which keys? Give one of a key or its id, --owner NAME, or --tenant NAME.");
  }
  if (id === undefined && ifVersion !== undefined) throw new UsageError("--if-version is for one key.");
  if (!dryRun) demandSomebodyToAsk(options, io);
  if (owner !== undefined) return revokeMany({ owner }, options, io);
  if (tenant !== undefined) return revokeMany({ tenant }, options, io);
  await revokeOne(await genuineId(id ?? "", io), options, io);
  return EXIT.done;
}

/** Ends one key for good. */
export async function revokeOne(id: string, options: RevokeOptions, io: CommandIo): Promise<void> {
  const { ifVersion: expected, dryRun, json } = options;
  const found = await inTable(io, (table) => readOrDamaged(table, id));
  if (found?.status === "revoked" && expected === undefined) {
    io.stderr.write(`Key ${id} is revoked already, since ${revocationText(found)}.\n`);
    if (json) io.stdout.write(`${JSON.stringify(publicRecord(found, nowInSeconds()))}\n`);
    return;
  }
  if (dryRun) {
    io.stderr.write(`Would revoke ${described(id, found)}. Nothing was changed.\n`);
    return;
  }
  await demandConsent(`Revoke ${described(id, found)} for good?`, options, io);
  const revoked = await inTable(io, (table) =>
    revokeKey(table, id, changeOf(options), expected === undefined ? {} : { expected }),
  );
  if (json) {
    io.stdout.write(
      `${JSON.stringify("record" in revoked ? publicRecord(revoked.record, nowInSeconds()) : { id, status: "damaged" })}\n`,
    );
  }
  io.stderr.write(`Key ${id} is revoked for good. ${cacheNote()}`);
}

/** Undefined: the record is damaged. It can be revoked all the same. */
async function readOrDamaged(table: KeyTable, id: string): Promise<KeyRecord | undefined> {
  try {
    return await readKey(table, id);
  } catch (error) {
    if (error instanceof TroubleError && error.reason === "key_record_invalid") return undefined;
    throw error;
  }
}

function described(id: string, record: KeyRecord | undefined): string {
  if (!record) return `key ${id}, whose record is damaged,`;
  const { name, owner, tenant } = record;
  const of = [owner === undefined ? [] : [`owner ${owner}`], tenant === undefined ? [] : [`tenant ${tenant}`]].flat();
  return `key ${id} (${safeText([name, ...of].join(", "))})`;
}

function revocationText({ revokedAt, changedAt, createdAt, revokedBy, revokeReason }: KeyRecord): string {
  if (revokedAt !== undefined) return eventText(revokedAt, revokedBy, revokeReason);
  return `before ${eventText(changedAt ?? createdAt)}`;
}
