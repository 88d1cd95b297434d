import { isName } from "../../shared/domain/principal/name.ts";
import type { Authentication } from "../../shared/domain/principal/principal.ts";
import { hasBegun } from "../../shared/domain/time/clock-tolerance.ts";
import type { Claims } from "./compact.ts";

/** Most methods that one token states. */
const MAX_METHODS = 32;

/**
 * How the person of a token signed in: `acr`, `amr` and `auth_time` (OpenID Connect Core 2, RFC 9068 section 2.2.1,
 * RFC 8176). A claim of another form is not understood, and says nothing: most rules do not ask for it. Nobody signs in
 * after the token was issued: a time that is later than clocks differ, such as one in milliseconds, is no time.
 *
 * @param clockTolerance seconds by which the clocks of the issuer may differ
 * @returns undefined if the token says nothing of it
 */
export function authenticationOf(
  { acr, amr, auth_time: time, iat }: Claims,
  clockTolerance: number,
): Authentication | undefined {
  const isMethods = Array.isArray(amr) && amr.length > 0 && amr.length <= MAX_METHODS && amr.every(isName);
  // Without `iat` the time of the request bounds it (`soundVerdict`).
  const issuedAt = typeof iat === "number" ? iat : Number.POSITIVE_INFINITY;
  const isTime = typeof time === "number" && Number.isFinite(time) && hasBegun(time, issuedAt, clockTolerance);
  const authentication = {
    ...(isName(acr) && { contextClass: acr }),
    ...(isMethods && { methods: amr as string[] }),
    ...(isTime && { time: Math.min(time, issuedAt) }),
  };
  return Object.keys(authentication).length > 0 ? authentication : undefined;
}
