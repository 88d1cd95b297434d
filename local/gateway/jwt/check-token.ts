import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import { type AdditionalClaim, ALGORITHMS, type JwtAuthorizer, type JwtRoute } from "./jwt-authorizer.ts";
import { type KeySets, KeysUnavailableError } from "./key-sets.ts";

/** A token that is accepted, or why it is not. */
export type TokenAnswer =
  | { readonly claims: JWTPayload; readonly scopes: readonly string[] }
  | { readonly refused: "no_token" }
  | { readonly refused: "invalid_token" | "insufficient_scope" | "keys_unavailable"; readonly description: string };

/** A token that is refused. The descriptions but for three are not documented. */
class TokenError extends Error {}

function demand(condition: unknown, description: string): asserts condition {
  if (!condition) throw new TokenError(description);
}

/**
 * Checks a token as a JWT authorizer does (API Gateway developer guide, "Control access to HTTP APIs with JWT
 * authorizers" and "Control access to REST APIs using JWT authorizers"). No clock tolerance is documented, and there
 * is none here.
 *
 * @param value what the identity source holds: the token, or the token behind `Bearer`
 * @param time milliseconds since the epoch
 */
export async function checkToken(
  { authorizer, scopes: needed }: JwtRoute,
  value: string | undefined,
  keySets: KeySets,
  time: number,
): Promise<TokenAnswer> {
  if (value === undefined) return { refused: "no_token" };
  try {
    const claims = await verified(value.replace(/^Bearer +/i, ""), authorizer, keySets, time);
    const scopes = scopesOf(claims);
    if (needed.length > 0 && !needed.some((scope) => scopes.includes(scope))) {
      return { refused: "insufficient_scope", description: "the token has none of the scopes of the route" };
    }
    return { claims, scopes };
  } catch (error) {
    if (error instanceof TokenError) return { refused: "invalid_token", description: error.message };
    if (!(error instanceof KeysUnavailableError)) throw error;
    return { refused: "keys_unavailable", description: error.message };
  }
}

async function verified(token: string, authorizer: JwtAuthorizer, keySets: KeySets, time: number): Promise<JWTPayload> {
  demand(token.split(".").length === 3, "token contains an invalid number of segments");
  const { kid, alg, claims } = decoded(token);
  const trusted = authorizer.issuers.find(({ issuer }) => issuer === claims.iss);
  demand(trusted, "the token does not have a valid issuer");
  demand(
    ALGORITHMS.includes(alg) && authorizer.algorithms.includes(alg),
    "the token's signing algorithm is not accepted",
  );
  demand(kid, "the token has no kid");
  const keys = await keySets.keysFor(trusted.issuer, kid);
  demand(keys.length > 0, "no key of the issuer has the token's kid");
  await compactVerify(token, createLocalJWKSet({ keys: [...keys] }), { algorithms: [alg] }).catch(() => {
    throw new TokenError("the token's signature is not valid");
  });
  checkTimes(claims, Math.floor(time / 1000));
  demand(isForOneOf(trusted.audiences, claims), "the token does not have a valid audience");
  for (const rule of trusted.claims) demand(isFulfilled(rule, claims), "the token does not have a required claim");
  return claims;
}

function decoded(token: string): { kid: string | undefined; alg: string; claims: JWTPayload } {
  try {
    const { kid, alg = "" } = decodeProtectedHeader(token);
    return { kid, alg, claims: decodeJwt(token) };
  } catch {
    throw new TokenError("the token cannot be read");
  }
}

/** `client_id` counts only where there is no `aud`. What is no text, or no list of texts, is no audience. */
function isForOneOf(audiences: readonly string[], { aud, client_id }: JWTPayload): boolean {
  const named: readonly unknown[] = [aud === undefined ? client_id : aud].flat();
  return (
    named.every((each) => typeof each === "string") && named.some((each) => audiences.some((known) => known === each))
  );
}

/** What is no NumericDate (RFC 7519 section 2) is no time at which a token could be valid. */
function checkTimes({ exp, nbf, iat }: Readonly<Record<string, unknown>>, now: number): void {
  demand(isNumber(exp) && exp > now, "the token has expired");
  demand(nbf === undefined || (isNumber(nbf) && nbf <= now), "the token is not valid yet");
  demand(iat === undefined || (isNumber(iat) && iat <= now), "the token was issued in the future");
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** The claim `scope` or `scp`: a text separated by spaces, or a list. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const value = scope ?? scp;
  if (typeof value === "string") return value.split(" ").filter(Boolean);
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** Whether a token has a further claim: present if it is required, and with one of the expected values. */
function isFulfilled({ name, format, expected, isRequired }: AdditionalClaim, claims: JWTPayload): boolean {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) return !isRequired;
  const values = valuesIn(value, format);
  return values !== undefined && (!expected || values.some((each) => expected.includes(each)));
}

function valuesIn(value: unknown, format: AdditionalClaim["format"]): string[] | undefined {
  if (format === "string-array") {
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  }
  if (typeof value !== "string") return undefined;
  return format === "space-separated-values" ? value.split(" ").filter(Boolean) : [value];
}
