import * as v from "valibot";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { cidr } from "../../shared/domain/config/common.ts";
import { generateApiKey } from "./format.ts";
import { hashApiKey } from "./hash.ts";
import { attributes, type KeyRecord, keyRecord, name, scope } from "./record.ts";
import type { KeyStore } from "./store.ts";

/**
 * Narrower than what a record may hold, which records issued earlier do: where no caller's address is known, a policy names all of a key's
 * addresses, several times, and the context its attributes. Both share 8 KB with the routes.
 */
const MAX_ADDRESSES = 64;
const MAX_ATTRIBUTE_LENGTH = 1024;

/** What a new key shall be. */
export const keyOptions = v.strictObject({
  /** What people call the key. */
  name,
  subject: v.optional(name),
  tenant: v.optional(name),
  scopes: v.optional(v.array(scope), []),
  roles: v.optional(v.array(name), []),
  addresses: v.optional(
    v.pipe(v.array(cidr), v.maxLength(MAX_ADDRESSES, `up to ${MAX_ADDRESSES} addresses and ranges`)),
    [],
  ),
  attributes: v.optional(
    v.pipe(
      attributes,
      v.check((given) => !Object.hasOwn(given, "keyId"), "other names than keyId, which is the key's own id"),
      v.check(
        (given) => Object.values(given).every((value) => String(value).length <= MAX_ATTRIBUTE_LENGTH),
        "texts of up to 1,024 characters",
      ),
    ),
    {},
  ),
  /** Value of an API Gateway API key, which has 20 to 128 characters. */
  usageIdentifierKey: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{20,128}$/, "20 to 128 letters, digits, '-' or '_'")),
  ),
  /** Seconds from now; absent: the key does not expire. */
  expiresIn: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type KeyOptions = v.InferInput<typeof keyOptions>;

/**
 * Issues a key: makes it, puts its record in the store, and returns it. This is the only time that the key itself exists anywhere but with
 * its holder.
 *
 * @param time seconds since the epoch
 * @throws {v.ValiError} if the options are wrong
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
  // What could not be read again is not written: such a key would be trouble whenever it is used.
  const record: KeyRecord = v.parse(keyRecord, {
    ...given,
    id,
    hash: await hashApiKey(text, pepper, config),
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
