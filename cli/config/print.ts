import { PRIVATE_MEMBERS } from "../../providers/jwt/key-set.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";

/** The configuration with every default, as JSON. A private key that was put into a key set by mistake is not shown. */
export const printed = (config: Config): string =>
  JSON.stringify(config, (name, value) => (name === "jwks" ? withoutPrivate(value) : value), 2);

function withoutPrivate(jwks: unknown): unknown {
  const { keys, ...rest } = objectOf(jwks);
  if (!Array.isArray(keys)) return jwks;
  const isPublic = ([name]: readonly [string, unknown]) => !PRIVATE_MEMBERS.includes(name);
  return { ...rest, keys: keys.map((key) => Object.fromEntries(Object.entries(objectOf(key)).filter(isPublic))) };
}
