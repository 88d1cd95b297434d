import { isName } from "../../shared/domain/principal/name.ts";
import type { Authentication } from "../../shared/domain/principal/principal.ts";
import type { Claims } from "./compact.ts";

/** Most methods that one token states. */
const MAX_METHODS = 32;

/**
 * How the person of a token signed in: `acr`, `amr` and `auth_time` (OpenID Connect Core 2, RFC 9068 section 2.2.1,
 * RFC 8176). A claim of another form is not understood, and says nothing: most rules do not ask for it. Nobody signs in
 * after the token was issued.
 *
 * @returns undefined if the token says nothing of it
 */
export function authenticationOf({ acr, amr, auth_time: time, iat }: Claims): Authentication | undefined {
  const isMethods = Array.isArray(amr) && amr.length > 0 && amr.length <= MAX_METHODS && amr.every(isName);
  const isTime = typeof time === "number" && Number.isFinite(time);
  const authentication = {
    ...(isName(acr) && { contextClass: acr }),
    ...(isMethods && { methods: amr as string[] }),
    ...(isTime && { time: typeof iat === "number" ? Math.min(time, iat) : time }),
  };
  return Object.keys(authentication).length > 0 ? authentication : undefined;
}
