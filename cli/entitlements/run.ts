import { shownRecord } from "../../functions/api-keys/entitlements/shown-record.ts";
import { removeRecord, type VersionOptions } from "../../providers/entitlements/management/change.ts";
import {
  type EntitlementQuery,
  type EntitlementTable,
  VersionConflict,
} from "../../providers/entitlements/management/entitlement-table.ts";
import {
  disable,
  enable,
  revokeToken,
  revokeTokens,
  type SubjectRef,
  type SubjectUpdate,
  setEntitlements,
  type TenantRef,
} from "../../providers/entitlements/management/entitlements.ts";
import type { EntitlementRecord } from "../../providers/entitlements/record.ts";
import type { RecordRef } from "../../providers/entitlements/record-key.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { CursorError } from "../../shared/infrastructure/dynamodb/cursor.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent, demandSomebodyToAsk } from "../consent.ts";
import { shownTime } from "../explain/shown-time.ts";
import { Failure } from "../failure.ts";
import { cacheNote } from "../keys/cache-note.ts";
import { type ChangeOptions, changeOf } from "../keys/change-of.ts";
import { UsageError } from "../usage-error.ts";
import { updateText } from "./dry-run.ts";
import { type RefOptions, refOf, shownRef } from "./ref.ts";
import { recordTable, wholeRecord } from "./shown.ts";
import { inEntitlements } from "./table.ts";

/** Options of every change. */
export interface ChangeRecordOptions extends RefOptions, ChangeOptions, ConsentOptions {
  readonly ifVersion?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface SetOptions extends Omit<ChangeRecordOptions, "tenant" | "jti"> {
  readonly role?: readonly string[] | false;
  readonly scope?: readonly string[] | false;
  readonly tenant?: string | false;
}

export interface RevokeOptions extends ChangeRecordOptions {
  /** Seconds since the epoch. */
  readonly before?: number;
  readonly expiresAt?: number;
}

export interface ListOptions {
  readonly issuer?: string;
  readonly tokens?: boolean;
  readonly tenant?: string;
  readonly all?: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** Sets roles, scopes or the tenant of a subject. */
export async function setRights({ role, scope, tenant, ...options }: SetOptions, io: CommandIo): Promise<void> {
  const update = {
    ...(role !== undefined && { roles: role === false ? [] : [...role] }),
    ...(scope !== undefined && { scopes: scope === false ? [] : [...scope] }),
    ...(tenant !== undefined && { tenant: tenant === false ? null : tenant }),
  };
  if (Object.keys(update).length === 0)
    throw new UsageError("What? Give --role, --scope or --tenant, or --no-… of one.");
  const ref = (await refOf(options, ["subject"], io)) as SubjectRef;
  const set = (table: EntitlementTable, how: VersionOptions) =>
    setEntitlements(table, ref, update, changeOf(options), how);
  await change("set the entitlements of", ref, options, io, set, update);
}

/** Locks a subject or a tenant out, or ends it. */
export async function setLockout(
  action: "disable" | "enable",
  options: ChangeRecordOptions,
  io: CommandIo,
): Promise<void> {
  const ref = (await refOf(options, ["subject", "tenant"], io)) as SubjectRef | TenantRef;
  await change(`${action}`, ref, options, io, (table, how) =>
    (action === "disable" ? disable : enable)(table, ref, changeOf(options), how),
  );
}

/** Revokes one token, or all of a subject or a tenant. */
export async function revoke({ before, expiresAt, ...options }: RevokeOptions, io: CommandIo): Promise<void> {
  const ref = await refOf(options, ["subject", "token", "tenant"], io);
  if (ref.kind === "token" && before !== undefined) throw new UsageError("--before is for --subject and --tenant.");
  if (ref.kind !== "token" && expiresAt !== undefined) throw new UsageError("--expires-at is for --jti.");
  const made = changeOf(options);
  const what = before === undefined ? "all that was issued until now" : `all issued before ${shownTime(before)}`;
  const verb = ref.kind === "token" ? "revoke" : `revoke ${what} for`;
  await change(verb, ref, options, io, (table, how) =>
    ref.kind === "token"
      ? revokeToken(table, ref, made, { ...how, expiresAt })
      : revokeTokens(table, ref, made, { ...how, before }),
  );
}

/** Deletes a record, and with it what it locks out. */
export async function remove(
  options: ChangeRecordOptions & { readonly damaged?: boolean },
  io: CommandIo,
): Promise<void> {
  const ref = await refOf(options, ["subject", "token", "tenant"], io);
  await change("remove the record of", ref, options, io, async (table, how) => {
    if (options.damaged) {
      await demandDamaged(table, ref);
      if (!(await table.removeDamaged(ref))) throw new VersionConflict(undefined);
      return { isChanged: true };
    }
    return { record: await removeRecord(table, ref, changeOf(options), how), isChanged: true };
  });
}

/** @throws {UsageError} for a record that is sound, or not there */
async function demandDamaged(table: EntitlementTable, ref: RecordRef): Promise<void> {
  try {
    const record = await table.get(ref);
    throw new UsageError(record ? "The record is not damaged: leave --damaged out." : "There is no such record.");
  } catch (error) {
    if (!(error instanceof TroubleError) || error.reason !== "entitlement_record_invalid") throw error;
  }
}

/** Prints a record. */
export async function show(options: RefOptions & { readonly json?: boolean }, io: CommandIo): Promise<void> {
  const ref = await refOf(options, ["subject", "token", "tenant"], io);
  const record = await inEntitlements(io, (table) => table.get(ref));
  if (!record) throw new Failure(`There is no record of ${shownRef(ref)}.`);
  io.stdout.write(options.json ? `${JSON.stringify(shownRecord(record))}\n` : wholeRecord(record));
}

/** Prints a page of records. */
export async function list(options: ListOptions, io: CommandIo): Promise<void> {
  const { limit, cursor: first, json } = options;
  const query = queryOf(options);
  const { records, cursor } = await inEntitlements(io, async (table) => {
    try {
      return await table.page(query, { limit, ...(first !== undefined && { cursor: first }) });
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      throw new UsageError("--cursor: found a text of another form, allowed is what a page of this list ended with.");
    }
  });
  if (json) {
    const more = cursor === undefined ? {} : { cursor };
    io.stdout.write(`${JSON.stringify({ entitlements: records.map(shownRecord), ...more })}\n`);
    return;
  }
  if (records.length > 0) io.stdout.write(recordTable(records, io.stdout, options.issuer === undefined));
  else if (cursor === undefined) io.stderr.write("There are no such records.\n");
  if (cursor !== undefined) {
    io.stderr.write(`There may be more. The next page: the same options and --cursor ${cursor}\n`);
  }
}

function queryOf({ issuer, tokens, tenant, all }: ListOptions): EntitlementQuery {
  if ([issuer, tenant, all].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError("Which? Give one of --issuer NAME, --tenant NAME, or --all, which reads the whole table.");
  }
  if (tokens && issuer === undefined) throw new UsageError("--tokens belongs to --issuer.");
  if (tenant !== undefined) return { tenant };
  return issuer === undefined ? { all: true } : { issuer, kind: tokens ? "token" : "subject" };
}

/** Whether a change is one that a person confirms: it takes from many, or cannot be taken back. */
const isGrave = (verb: string, ref: RecordRef) =>
  verb.startsWith("re") || (verb === "disable" && ref.kind === "tenant");

/** Answers that refuse are in no cache. */
const NO_CACHE = "A refusal is never cached: it takes effect at once.\n";

/** Asks, makes a change, and says what came of it. */
async function change(
  verb: string,
  ref: RecordRef,
  options: ChangeRecordOptions,
  io: CommandIo,
  make: (
    table: EntitlementTable,
    how: VersionOptions,
  ) => Promise<{ readonly record?: EntitlementRecord; readonly isChanged: boolean }>,
  update?: SubjectUpdate,
): Promise<void> {
  const { dryRun, ifVersion: expected, json } = options;
  const what = `${verb} ${shownRef(ref)}`;
  if (dryRun) {
    // Without a configuration that has the table, a dry run would promise what cannot be done.
    const before = await inEntitlements(io, (table) => (update ? table.get(ref) : Promise.resolve(undefined)));
    const changes = update ? updateText(before, update) : "";
    io.stderr.write(`Would ${what}${changes}. Nothing was changed.\n`);
    return;
  }
  if (isGrave(verb, ref)) {
    const why = verb === "disable" ? "this locks out everybody of the tenant" : undefined;
    demandSomebodyToAsk(options, io, why);
    await demandConsent(`${what.charAt(0).toUpperCase()}${what.slice(1)}?`, options, io);
  }
  const { record, isChanged } = await inEntitlements(io, (table) =>
    make(table, expected === undefined ? {} : { expected }),
  );
  if (json && record) io.stdout.write(`${JSON.stringify(shownRecord(record))}\n`);
  const version = record ? `, version ${record.version}` : "";
  io.stderr.write(
    isChanged
      ? `Done: ${what}${version}. ${verb === "enable" ? NO_CACHE : cacheNote()}`
      : `It is so already: ${what}${version}.\n`,
  );
}
