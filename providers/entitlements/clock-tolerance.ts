import type { Config } from "../../shared/domain/config/schema.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { DEFAULT_CLOCK_TOLERANCE } from "../../shared/domain/time/clock-tolerance.ts";
import { issuersOf } from "../jwt/issuer-entry.ts";

/**
 * Seconds by which the clock of a principal's issuer may be ahead: as many as its credentials may be issued in the
 * future. For API keys and providers of one's own, the default of JWTs.
 */
export function toleranceOf({ issuer }: Principal, { jwt, saml }: Pick<Config, "jwt" | "saml">): number {
  const own = [
    ...(jwt?.issuers ?? []).filter((entry) => issuersOf(entry).includes(issuer)),
    ...(saml?.identityProviders ?? []).filter((entry) => entry.issuer === issuer),
  ].map(({ clockTolerance }) => clockTolerance);
  return own.length > 0 ? Math.max(...own) : DEFAULT_CLOCK_TOLERANCE.jwt;
}
