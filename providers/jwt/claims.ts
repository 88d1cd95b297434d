import { type JwtConfig, type JwtIssuer, type SigningIssuer, signsTokens } from "../../shared/domain/config/jwt.ts";
import { isRequiredValue } from "../../shared/domain/config/required-claims.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { hasBegun } from "../../shared/domain/time/clock-tolerance.ts";
import { readClaim } from "./claim-path.ts";
import type { Claims, UnverifiedToken } from "./compact.ts";
import { entryOf } from "./issuer-entry.ts";
import { isWorkloadIn } from "./spiffe-id.ts";
import { checkType } from "./token-type.ts";

/** 9999-12-31T23:59:59Z: what a date can be written as. */
const LATEST = 253_402_300_799;

/**
 * The issuer whose entry a token has to satisfy, and the algorithm it claims. Both steer what is checked next and
 * prove nothing.
 *
 * @throws {Refusal} `token_header_not_allowed`, `token_issuer_unknown`, `token_algorithm_not_allowed`,
 * `token_type_not_allowed`
 */
export function entryFor(token: UnverifiedToken, config: JwtConfig): { entry: SigningIssuer; algorithm: string } {
  const { header, payload } = token;
  // `jku`, `x5u`, `x5c` and `jwk` are not refused, as some issuers send them; they are never looked at.
  demand(!("crit" in header) && !("zip" in header) && !("b64" in header), "token_header_not_allowed");
  const entry = entryOf(payload, config);
  demand(entry && signsTokens(entry), "token_issuer_unknown");
  const algorithm = entry.algorithms.find((allowed) => allowed === header.alg);
  demand(algorithm, "token_algorithm_not_allowed");
  checkType(token, entry);
  return { entry, algorithm };
}

/**
 * Refuses a token for what it claims (RFC 7519 section 4.1, RFC 8725), before any key is fetched for it: nothing that
 * is refused here would be admitted with a valid signature. The end has no tolerance, because the policy that is
 * cached ends at the same instant.
 *
 * @param time seconds since the epoch
 * @throws {Refusal}
 */
export function checkClaims(payload: Claims, entry: JwtIssuer, time: number): void {
  demand(payload.exp !== undefined, "token_expiry_missing");
  checkTimes(payload, entry, time);
  checkDemands(payload, entry);
}

/**
 * The same for what a server says of an active token (RFC 7662 section 2.2), which need not say when it ends.
 *
 * @param time seconds since the epoch
 * @throws {Refusal}
 */
export function checkAnswer(answer: Claims, entry: JwtIssuer, time: number): void {
  demand(answer.iss === undefined || answer.iss === entry.issuer, "token_issuer_unknown");
  checkTimes(answer, entry, time);
  checkDemands(answer, entry);
}

/**
 * Refuses a token that has ended or not begun.
 *
 * @throws {Refusal}
 */
export function checkTimes(payload: Claims, entry: JwtIssuer, time: number): void {
  const [exp, nbf, iat] = [payload.exp, payload.nbf, payload.iat].map(numericDate);
  demand(exp === undefined || Math.floor(exp) > time, "token_expired");
  demand(nbf === undefined || hasBegun(nbf, time, entry.clockTolerance), "token_not_yet_valid");
  demand(iat === undefined || hasBegun(iat, time, entry.clockTolerance), "token_issued_in_future");
  if (entry.maxTokenAge !== undefined) demand(iat !== undefined && time - iat <= entry.maxTokenAge, "token_too_old");
}

/** What the entry asks for, but for the times. */
function checkDemands(payload: Claims, entry: JwtIssuer): void {
  checkAudience(payload.aud, entry);
  checkClient(payload, entry);
  for (const [name, required] of Object.entries(entry.requiredClaims)) {
    demand(Object.hasOwn(payload, name) && isRequiredValue(payload[name], required), "token_claim_invalid");
  }
  const { trustDomain } = entry;
  demand(trustDomain === undefined || isWorkloadIn(trustDomain, payload.sub), "token_claim_invalid");
}

/** The client that the token was issued to, by the first claim that names one. */
function checkClient(payload: Claims, { clientIds, claims }: JwtIssuer): void {
  if (!clientIds) return;
  const client = clientOf(payload, claims.client);
  demand(typeof client === "string" && clientIds.includes(client), "token_client_not_allowed");
}

/** The first of the claims that a token has. */
export function clientOf(payload: Claims, paths: JwtIssuer["claims"]["client"]): unknown {
  for (const path of paths) {
    const value = readClaim(payload, path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** NumericDate, which may have a fraction (RFC 7519 section 2). */
function numericDate(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  demand(typeof value === "number" && value >= 0 && value <= LATEST, "token_malformed");
  return value;
}

function checkAudience(aud: unknown, entry: JwtIssuer): void {
  const audiences = [aud ?? []].flat();
  demand(
    audiences.every((audience) => typeof audience === "string"),
    "token_malformed",
  );
  demand(!entry.audience || entry.audience.some((audience) => audiences.includes(audience)), "token_audience_mismatch");
}
