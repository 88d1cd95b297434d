import { isDeepStrictEqual } from "node:util";
import type { ClaimPath } from "../../shared/domain/config/common.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { Instant } from "../../shared/infrastructure/remote/elapsed.ts";
import { checkClaims } from "../jwt/claims.ts";
import type { Claims, UnverifiedToken } from "../jwt/compact.ts";
import { checkStatedType, checkType } from "../jwt/token-type.ts";
import { introspectors } from "./introspectors.ts";
import type { AskedIssuer } from "./token-owner.ts";

/** What a JWT and its issuer's server say together. */
export interface AskedClaims {
  readonly claims: Claims;
  /** The entry, with the claims of scopes and roles that count. */
  readonly entry: AskedIssuer;
  readonly readAt?: Instant;
}

/**
 * Asks about a JWT whose signature holds: it may have been revoked, and the server may know more than the token says,
 * as of Keycloak's lightweight tokens.
 *
 * @param time seconds since the epoch
 * @throws {Refusal} `token_inactive`, or what the claims say against the token
 * @throws {TroubleError} `introspection_unavailable`, `secret_unavailable`
 */
export type AskAboutJwt = (token: UnverifiedToken, entry: AskedIssuer, time: number) => Promise<AskedClaims>;

export function signedTokens(fetch: typeof globalThis.fetch): AskAboutJwt {
  const introspectorOf = introspectors(fetch);
  return async (token, entry, time) => {
    const { claims: answer, ...asked } = await introspectorOf(entry).ask(token.text);
    const claims = joined(token.payload, answer);
    checkStatedType(answer, entry);
    checkType({ ...token, payload: claims }, entry);
    checkClaims(claims, entry, time);
    return { ...asked, claims, entry: countedIn(answer, entry) };
  };
}

/** Claims by which an answer shows that it is about another token. */
const IDENTIFYING = ["iss", "sub", "jti", "cnf"] as const;

/** The answer counts where both say something, but for the end, which is the earlier one. */
function joined(payload: Claims, answer: Claims): Claims {
  const isForeign = IDENTIFYING.some(
    (name) =>
      payload[name] !== undefined && answer[name] !== undefined && !isDeepStrictEqual(payload[name], answer[name]),
  );
  if (isForeign) throw new TroubleError("introspection_unavailable", new ForeignAnswerError());
  const ends = [payload.exp, answer.exp].flatMap((exp) => (typeof exp === "number" ? exp : []));
  return { ...payload, ...answer, ...(ends.length > 0 && { exp: Math.min(...ends) }) };
}

/**
 * Scopes and roles may stand in several claims, which count together. If the answer has one of them it says all that
 * there are now, and those that only the token has are what it once had.
 */
function countedIn(answer: Claims, entry: AskedIssuer): AskedIssuer {
  const counted = (paths: readonly ClaimPath[]) => {
    const answered = paths.filter((path) => Object.hasOwn(answer, [path].flat()[0] ?? ""));
    return answered.length > 0 ? answered : [...paths];
  };
  const { scopes, roles } = entry.claims;
  return { ...entry, claims: { ...entry.claims, scopes: counted(scopes), roles: counted(roles) } };
}

/** The server answered about another token. */
class ForeignAnswerError extends Error {
  override readonly name = "ForeignAnswerError";
}
