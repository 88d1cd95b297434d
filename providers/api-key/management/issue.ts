import { randomUUID } from "node:crypto";
import * as v from "valibot";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { generateKeyId, generateSecret } from "../format.ts";
import { hashApiKey, pepperOf } from "../hash.ts";
import { type KeyRecord, keyRecord } from "../record.ts";
import type { Change } from "./change.ts";
import { keyFields } from "./key-fields.ts";
import { redacted, withoutKeys } from "./key-in-text.ts";
import { ChangeRefused, type KeyTable } from "./key-table.ts";
import { lengthOf, MAX_LENGTH } from "./record-length.ts";

/** Options of a new key. */
export const keyOptions = v.strictObject({
  name: keyFields.name,
  owner: v.optional(keyFields.owner),
  subject: v.optional(keyFields.subject),
  tenant: v.optional(keyFields.tenant),
  scopes: v.optional(keyFields.scopes, []),
  roles: v.optional(keyFields.roles, []),
  addresses: v.optional(keyFields.addresses, []),
  attributes: v.optional(keyFields.attributes, {}),
  metadata: v.optional(keyFields.metadata, {}),
  usageIdentifierKey: v.optional(keyFields.usageIdentifierKey),
  expiresIn: v.optional(keyFields.expiresIn),
});

export type KeyOptions = v.InferInput<typeof keyOptions>;

/**
 * Issues a key: generates it, adds its record to the table and returns it. The key itself is not stored and cannot be
 * shown again.
 *
 * @param id ID of the key. Whoever chooses it before can find out later whether the key was issued
 * @throws {v.ValiError} if the options are not valid
 * @throws {ChangeRefused} if the key would be too large
 * @throws {VersionConflict} if there is a key with this ID
 */
export async function issueApiKey(
  options: KeyOptions,
  config: ApiKeysConfig,
  table: Pick<KeyTable, "add">,
  { by, reason, time }: Change,
  id = generateKeyId(),
): Promise<{ key: string; record: KeyRecord }> {
  const { expiresIn, addresses, metadata, ...given } = v.parse(keyOptions, options);
  const { text } = generateSecret(config.prefix, config.environment, id);
  const pepper = config.peppers[0]?.id ?? "";
  // A record that could not be read back would make every use of the key fail, so it is checked before it is written.
  const record: KeyRecord = v.parse(keyRecord, {
    ...given,
    id,
    hash: hashApiKey(text, await pepperOf(pepper, config).current()),
    pepper,
    environment: config.environment,
    status: "active",
    createdAt: time,
    createdBy: withoutKeys(by),
    version: 1,
    changeId: randomUUID(),
    ...(reason !== undefined && { changeReason: redacted(reason) }),
    ...(addresses.length > 0 && { addresses }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(expiresIn !== undefined && { expiresAt: time + expiresIn }),
  });
  if (lengthOf(record) > MAX_LENGTH) throw new ChangeRefused(`A key has up to ${MAX_LENGTH} characters.`, record);
  await table.add(record);
  return { key: text, record };
}
