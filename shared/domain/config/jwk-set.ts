import * as v from "valibot";
import { secureUrl } from "./common.ts";

const byUrl = v.strictObject({
  /**
   * URL of a JWK Set. https, or http on loopback.
   *
   * @example "https://id.example.com/.well-known/jwks.json"
   */
  jwksUri: secureUrl,
});

const inside = v.strictObject({
  /** A JWK Set with public keys, inside the configuration (RFC 7517 section 5). */
  jwks: v.looseObject({
    /** The keys of the set. At least one. */
    keys: v.pipe(
      v.array(
        v.looseObject({
          /** Key type, such as `RSA`, `EC` or `OKP` (RFC 7517 section 4.1). The other members depend on it. */
          kty: v.string(),
        }),
      ),
      v.minLength(1),
    ),
  }),
});

type ByUrl = typeof byUrl;
type Inside = typeof inside;
/** Have names so that the published types refer to this file, where the comments are, and do not copy the types. */
export interface KeysByUrlSchema extends ByUrl {}
export interface KeysInsideSchema extends Inside {}

/** Public keys by their URL. */
export const keysByUrl: KeysByUrlSchema = byUrl;
/** Public keys in the configuration. */
export const keysInside: KeysInsideSchema = inside;
