import * as v from "valibot";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { cidr } from "../../shared/domain/config/common.ts";
import { isIdentifier } from "../../shared/domain/principal/name.ts";
import { generateApiKey } from "./format.ts";
import { hashApiKey, pepperOf } from "./hash.ts";
import { attributes, type KeyRecord, keyRecord, name, scope } from "./record.ts";
import type { KeyStore } from "./store.ts";

/**
 * Narrower than what a record may hold, which records issued earlier do: where no caller's address is known, a policy
 * names all of a key's addresses, several times, and the context its attributes. Both share 8 KB with the routes.
 */
const MAX_ADDRESSES = 64;
const MAX_ATTRIBUTE_LENGTH = 1024;

/** A record that was issued earlier may have white space at the edges of its subject. */
const subject = v.custom<string>(
  isIdentifier,
  "text of 1 to 256 characters without control characters, and without white space at its edges",
);

/** Options of a new key. */
export const keyOptions = v.strictObject({
  /** Display name of the key. */
  name,
  /** Identifier of the caller. Default: the ID of the key. */
  subject: v.optional(subject),
  /** Tenant of the caller. Default: none. */
  tenant: v.optional(name),
  /** Scopes of the caller. Default: none. */
  scopes: v.optional(v.array(scope), []),
  /** Roles of the caller. Default: none. */
  roles: v.optional(v.array(name), []),
  /** Addresses and CIDR ranges from which the key may be used, up to 64. Default: any. */
  addresses: v.optional(
    v.pipe(v.array(cidr), v.maxLength(MAX_ADDRESSES, `up to ${MAX_ADDRESSES} addresses and ranges`)),
    [],
  ),
  /** Values for the backend, by their names in its context; texts of up to 1,024 characters. Default: none. */
  attributes: v.optional(
    v.pipe(
      attributes,
      v.check((given) => !Object.hasOwn(given, "keyId"), "names other than keyId, which is set to the ID of the key"),
      v.check(
        (given) => Object.values(given).every((value) => String(value).length <= MAX_ATTRIBUTE_LENGTH),
        "texts of up to 1,024 characters",
      ),
    ),
    {},
  ),
  /** Value of an API Gateway API key for usage plans, 20 to 128 characters. Default: none. */
  usageIdentifierKey: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{20,128}$/, "20 to 128 letters, digits, '-' or '_'")),
  ),
  /** Seconds until the key expires. Default: the key does not expire. */
  expiresIn: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type KeyOptions = v.InferInput<typeof keyOptions>;

/**
 * Issues a key: generates it, adds its record to the store and returns it. The key itself is not stored and cannot be
 * shown again.
 *
 * @param time seconds since the epoch
 * @throws {v.ValiError} if the options are not valid
 */
export async function issueApiKey(
  options: KeyOptions,
  config: ApiKeysConfig,
  store: KeyStore,
  time: number,
): Promise<{ key: string; record: KeyRecord }> {
  const { expiresIn, addresses, ...given } = v.parse(keyOptions, options);
  const { id, text } = generateApiKey(config.prefix, config.environment);
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
    ...(addresses.length > 0 && { addresses }),
    ...(expiresIn !== undefined && { expiresAt: time + expiresIn }),
  });
  await store.add(record);
  return { key: text, record };
}
