import { type KeyFilter, keyFilterOf } from "../../../providers/jwt/issuer-entry.ts";
import type { SigningIssuer } from "../../../shared/domain/config/jwt.ts";
import { isObject, objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { shownKid, shownValue } from "../shown-value.ts";
import type { Expectation } from "./expectation.ts";
import type { FetchedKeys, TokenCase } from "./jwt-case.ts";

/** What the token says of its key, and which keys the issuer has. No key is shown, only its name and algorithm. */
export function keyExpectations({ reason, header, payload, entry, fetched }: TokenCase): Expectation[] {
  if (!entry.keys) return [];
  if ("secret" in entry.keys) {
    const expected = "a signature by the shared secret of the configuration";
    return [
      { of: "key", expected, found: "another signature", hint: "is the secret the issuer's, with the same encoding?" },
    ];
  }
  const keys = keysOf(entry.issuer, entry.keys, fetched);
  const wanted = `${shownKid(header.kid)}, ${shownValue(header.alg)}`;
  if (!keys) return [];
  const names = keys.slice(0, 8).map(keyText);
  const more = keys.length > names.length ? ` and ${keys.length - names.length} more` : "";
  const unusable = reason === "key_set_unavailable" && `none of them is for ${entry.algorithms.join(" or ")}`;
  const hint = unusable || otherTenantHint(header, keys, keyFilterOf(payload, entry)) || hintFor(reason, header, keys);
  return [
    {
      of: "kid",
      expected: `one of the issuer's keys: ${names.join("; ") || "none"}${more}`,
      found: wanted,
      ...(hint && { hint }),
    },
  ];
}

function keysOf(
  issuer: string,
  keys: SigningIssuer["keys"],
  fetched: FetchedKeys,
): readonly UnknownObject[] | undefined {
  if ("jwks" in keys) return keys.jwks.keys;
  const discovered = [...fetched.values()].find((document) => document.issuer === issuer)?.jwks_uri;
  const address = "jwksUri" in keys ? keys.jwksUri : discovered;
  const { keys: found } = objectOf(fetched.get(String(address)));
  return Array.isArray(found) ? found.filter(isObject) : undefined;
}

/** @example '"k1" RS256' */
function keyText({ kid, alg, kty, use }: UnknownObject): string {
  return [
    kid === undefined ? "without kid" : shownKid(kid),
    shownAlgorithm(alg ?? kty),
    use === "enc" && "for encryption",
  ]
    .filter(Boolean)
    .join(" ");
}

/** A key of Entra may be one tenant's own. */
function otherTenantHint({ kid }: UnknownObject, keys: readonly UnknownObject[], mayUse: KeyFilter | undefined) {
  const [named] = keys.filter((key) => key.kid === kid);
  return mayUse && named && !mayUse(named.issuer)
    ? `the key of this kid is for the issuer ${shownValue(named.issuer)} alone`
    : undefined;
}

const shownAlgorithm = (text: unknown) => (typeof text === "string" && /^[\w-]{1,16}$/.test(text) ? text : "");

function hintFor(reason: string, { kid, alg }: UnknownObject, keys: readonly UnknownObject[]): string | undefined {
  if (reason === "token_key_weak") return "the key of this kid is too weak: RSA needs 2048 bits and a sound modulus";
  const named = keys.filter((key) => key.kid === kid);
  if (kid === undefined) return "the token names no kid";
  if (named.length === 0)
    return "no key of the issuer has this kid: was it rotated, or is the token another environment's?";
  if (!named.some((key) => key.alg === undefined || key.alg === alg))
    return "the key of this kid is for another algorithm";
  return reason === "token_signature_invalid" ? "the key of this kid did not make the signature" : undefined;
}
