import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { Claims, UnverifiedToken } from "./compact.ts";

/** Types that say nothing of what a token is for. */
const GENERIC_TYPES: readonly unknown[] = [undefined, "jwt", "jose"];

/**
 * Refuses tokens that were made for another purpose than to be shown to an API (RFC 8725 sections 2.8 and 3.11): proofs, logout tokens,
 * security events, ID tokens, refresh tokens. Also those that are bound to a key, as nothing verifies here that the caller has it.
 *
 * @throws {Refusal} `token_type_not_allowed`, `token_confirmation_unsupported`
 */
export function checkType({ header, payload }: UnverifiedToken, entry: JwtIssuer): void {
  const type = mediaType(header.typ);
  const allowed = entry.types ? entry.types.map(mediaType).includes(type) : isAccessTokenType(type);
  demand(allowed, "token_type_not_allowed");
  // An explicit type that the entry lists says all: no claim says it better.
  const isExplicit = entry.types !== undefined && !GENERIC_TYPES.includes(type);
  demand(isExplicit || !announcesAnother(payload, entry), "token_type_not_allowed");
  // RFC 7800: sender-constrained by DPoP (RFC 9449) or mutual TLS (RFC 8705). As a bearer token it would lose that protection.
  demand(!Object.hasOwn(payload, "cnf"), "token_confirmation_unsupported");
}

/** `at+jwt` and `application/AT+JWT` are one type (RFC 7515 section 4.1.9). A value that is no text is a type that no list has. */
function mediaType(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase().replace(/^application\//, "") : value;
}

const isAccessTokenType = (type: unknown): boolean => type === "at+jwt" || GENERIC_TYPES.includes(type);

/** Whether the claims announce a token of another kind, unless the entry asks for that kind. */
function announcesAnother(payload: Claims, { types, requiredClaims }: JwtIssuer): boolean {
  const isRequired = (name: string) => Object.hasOwn(requiredClaims, name);
  const wantsIdTokens =
    types !== undefined || requires(requiredClaims, "token_use", "id") || requires(requiredClaims, "typ", "ID");
  return (
    (OTHER_TYPES.includes(payload.typ) && !isRequired("typ")) ||
    // RFC 8417 section 2.2: a security event, which a logout token is too.
    (Object.hasOwn(payload, "events") && !isRequired("events")) ||
    (isIdToken(payload) && !wantsIdTokens)
  );
}

/** Keycloak's payload claim `typ`, of tokens that are no ID tokens. */
const OTHER_TYPES: readonly unknown[] = ["Refresh", "Offline", "Logout"];

/** Keycloak's `typ`, Cognito's `token_use`, and the hashes of OpenID Connect Core 3.1.3.6 and 3.3.2.11. */
function isIdToken(payload: Claims): boolean {
  return (
    payload.typ === "ID" ||
    payload.token_use === "id" ||
    Object.hasOwn(payload, "at_hash") ||
    Object.hasOwn(payload, "c_hash")
  );
}

function requires(requiredClaims: JwtIssuer["requiredClaims"], name: string, value: string): boolean {
  return Object.hasOwn(requiredClaims, name) && [requiredClaims[name]].flat().includes(value);
}
