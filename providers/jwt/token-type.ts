import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { acceptedValues } from "../../shared/domain/config/required-claims.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { Claims, UnverifiedToken } from "./compact.ts";

/** Types that say nothing of what a token is for. */
const GENERIC_TYPES: readonly unknown[] = [undefined, "jwt", "jose"];

/**
 * Refuses tokens that were made for another purpose than to be shown to an API (RFC 8725 sections 2.8 and 3.11):
 * proofs, logout tokens, security events, ID tokens, refresh tokens.
 *
 * @throws {Refusal} `token_type_not_allowed`
 */
export function checkType({ header, payload }: UnverifiedToken, entry: JwtIssuer): void {
  const type = mediaType(header.typ);
  const allowed = entry.types ? entry.types.map(mediaType).includes(type) : isAccessTokenType(type);
  demand(allowed, "token_type_not_allowed");
  // An explicit type that the entry lists says all: no claim says it better.
  const isExplicit = entry.types !== undefined && !GENERIC_TYPES.includes(type);
  demand(isExplicit || !announcesAnother(payload, entry), "token_type_not_allowed");
}

/**
 * The same for what a server says of a token (RFC 7662 section 2.2), which has no header. A token that is to be
 * presented with a proof (RFC 6749 section 7.1) must say by which key.
 *
 * @throws {Refusal} `token_type_not_allowed`, `token_confirmation_unsupported`
 */
export function checkStatedType(answer: Claims, entry: JwtIssuer): void {
  demand(!announcesAnother(answer, { ...entry, types: undefined }), "token_type_not_allowed");
  const needsProof = typeof answer.token_type === "string" && /^(dpop|pop|mac)$/i.test(answer.token_type);
  demand(!needsProof || Object.hasOwn(answer, "cnf"), "token_confirmation_unsupported");
}

/**
 * `at+jwt` and `application/AT+JWT` are one type (RFC 7515 section 4.1.9). A value that is no text is a type that no
 * list has.
 */
function mediaType(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase().replace(/^application\//, "") : value;
}

const isAccessTokenType = (type: unknown): boolean => type === "at+jwt" || GENERIC_TYPES.includes(type);

/** Whether the claims announce a token of another kind, unless the entry asks for that kind. */
function announcesAnother(payload: Claims, { types, requiredClaims }: JwtIssuer): boolean {
  const isRequired = (name: string) => Object.hasOwn(requiredClaims, name);
  const wantsIdTokens =
    types !== undefined ||
    ANNOUNCING.some(
      (name) =>
        isRequired(name) && acceptedValues(requiredClaims[name] ?? []).some((value) => nameOf(value) === ID_TOKEN),
    );
  return (
    ANNOUNCING.some((name) => namesAnother(name, payload[name]) && !isRequired(name)) ||
    // RFC 8417 section 2.2: a security event, which a logout token is too.
    (Object.hasOwn(payload, "events") && !isRequired("events")) ||
    (isIdToken(payload) && !wantsIdTokens)
  );
}

/** Claims by which issuers say what a token is: Keycloak's `typ`, Cognito's `token_use`, and `token_type` of others. */
const ANNOUNCING = ["typ", "token_use", "token_type"] as const;

/** `ID`, `id` and `id_token` are one name. */
const nameOf = (value: unknown): unknown =>
  typeof value === "string"
    ? value
        .toLowerCase()
        .replace(/[-_]/g, "")
        .replace(/token$/, "")
    : value;

const ID_TOKEN = "id";

/**
 * What is neither for an API nor an ID token: mostly Keycloak's types, which signs its cookies and the links in its
 * mails too.
 */
const OTHERS: readonly unknown[] = [
  ...["refresh", "offline", "logout", "registrationaccess", "initialaccess", "serializedid"],
  ...["verifyemail", "updateemail", "resetcredentials", "executeactions", "idpverifyaccountviaemail"],
];

/** `token_use` has two values that are known; the other claims may say what they like of an access token. */
function namesAnother(claim: (typeof ANNOUNCING)[number], value: unknown): boolean {
  if (claim === "token_use") return ![undefined, "access", ID_TOKEN].includes(nameOf(value) as string | undefined);
  return OTHERS.includes(nameOf(value));
}

/** An announcement, or one of the hashes of OpenID Connect Core 3.1.3.6 and 3.3.2.11 and of FAPI 1.0 part 2. */
function isIdToken(payload: Claims): boolean {
  return (
    ANNOUNCING.some((name) => nameOf(payload[name]) === ID_TOKEN) ||
    ["at_hash", "c_hash", "s_hash"].some((name) => Object.hasOwn(payload, name))
  );
}
