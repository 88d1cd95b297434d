import * as v from "valibot";
import type { KeyRecord } from "../record.ts";
import { type Change, type Changed, changedRecord, changeKey, type VersionOptions } from "./change.ts";
import { keyFields } from "./key-fields.ts";
import { ChangeRefused, type KeyTable } from "./key-table.ts";
import { lengthOf, MAX_LENGTH } from "./record-length.ts";
import { demandNotRevoked } from "./status.ts";

/** New values of a key. A field that is absent keeps its value; null removes it. */
export const keyUpdate = v.strictObject({
  name: v.optional(keyFields.name),
  owner: v.nullish(keyFields.owner),
  subject: v.nullish(keyFields.subject),
  tenant: v.nullish(keyFields.tenant),
  scopes: v.optional(keyFields.scopes),
  roles: v.optional(keyFields.roles),
  /** Null and an empty list: any. */
  addresses: v.nullish(keyFields.addresses),
  attributes: v.optional(keyFields.attributes),
  metadata: v.nullish(keyFields.metadata),
  usageIdentifierKey: v.nullish(keyFields.usageIdentifierKey),
  /** Seconds from now. Null: the key does not expire. */
  expiresIn: v.nullish(keyFields.expiresIn),
});

export type KeyUpdate = v.InferInput<typeof keyUpdate>;

/**
 * Changes fields of a key.
 *
 * @throws {v.ValiError} if the values are not valid
 * @throws {ChangeRefused} if the key is revoked, or would grow beyond `MAX_LENGTH`
 * @throws {VersionConflict}
 */
export async function updateKey(
  table: KeyTable,
  id: string,
  update: KeyUpdate,
  change: Change,
  options: VersionOptions = {},
): Promise<Changed> {
  const fields = fieldsOf(v.parse(keyUpdate, update), change.time);
  return changeKey(table, id, options, (before) => {
    demandNotRevoked(before);
    if (isSame(before, fields)) return undefined;
    const after = changedRecord(before, fields, change);
    // Many small updates must not make a record that the table refuses. A large one may be made smaller.
    if (lengthOf(after) > Math.max(MAX_LENGTH, lengthOf(before))) {
      throw new ChangeRefused(`A key has up to ${MAX_LENGTH} characters.`, before);
    }
    return after;
  });
}

type Fields = { readonly [Name in keyof KeyRecord]?: KeyRecord[Name] | undefined };

function fieldsOf({ expiresIn, ...given }: v.InferOutput<typeof keyUpdate>, time: number): Fields {
  const fields = Object.entries(given).map(([name, value]) => [name, isNone(name, value) ? undefined : value]);
  const end = expiresIn === undefined ? {} : { expiresAt: expiresIn === null ? undefined : time + expiresIn };
  return { ...Object.fromEntries(fields), ...end };
}

/** Whether a value stands for the absence of a limit or a value. A record has no empty list of addresses. */
const isNone = (name: string, value: unknown) =>
  value === null || (name === "addresses" && Array.isArray(value) && value.length === 0);

function isSame(before: KeyRecord, fields: Fields): boolean {
  const old: Readonly<Record<string, unknown>> = before;
  return Object.entries(fields).every(([name, value]) => JSON.stringify(old[name]) === JSON.stringify(value));
}
