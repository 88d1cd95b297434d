import type { JwtConfig, JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { TENANT_ID } from "../../shared/domain/config/preset-types.ts";
import type { Claims } from "./compact.ts";

/**
 * The entry of a token's issuer: by its `iss`; for a multi-tenant application of Entra by its `iss` and `tid`; for a
 * JWT-SVID without `iss` by the trust domain of its subject, which the JWT-SVID specification identifies it by.
 */
export function entryOf(payload: Claims, { issuers }: Pick<JwtConfig, "issuers">): JwtIssuer | undefined {
  const { iss, sub } = payload;
  if (iss === undefined) {
    const [, trustDomain] = typeof sub === "string" ? (/^(spiffe:\/\/[^/]+)\//.exec(sub) ?? []) : [];
    return issuers.find(({ preset, issuer }) => preset === "spiffe" && issuer === trustDomain);
  }
  // A template is nobody's issuer.
  const named = issuers.find(({ issuer, tenantIds }) => issuer === iss && !tenantIds);
  return named ?? issuers.find((entry) => isOfTenant(payload, entry));
}

/**
 * Whether a token is from one of the tenants of an entry: its `iss` is the entry's with its `tid` filled in
 * (https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer).
 */
function isOfTenant({ iss, tid }: Claims, { issuer, tenantIds }: JwtIssuer): boolean {
  return typeof tid === "string" && tenantIds !== undefined && tenantIds.includes(tid) && iss === filledIn(issuer, tid);
}

const filledIn = (template: string, tid: string): string => template.replace(TENANT_ID, () => tid);

/** Every `iss` that tokens of an entry may have. */
export function issuersOf({ issuer, tenantIds }: Pick<JwtIssuer, "issuer" | "tenantIds">): string[] {
  return tenantIds?.map((tid) => filledIn(issuer, tid)) ?? [issuer];
}

/** The issuer that a token of an entry names. `sub` and the other claims mean nothing apart from it. */
export function issuerOf({ iss }: Claims, { issuer, tenantIds }: JwtIssuer): string {
  return tenantIds && typeof iss === "string" ? iss : issuer;
}

/** Whether a key may have signed a token, by the key's own `issuer`. */
export type KeyFilter = (issuer: unknown) => boolean;

/**
 * Keys of Entra say which issuer they are for: one of a single tenant must not sign for another. A key that does not
 * say it is for all (the same page). Keys of v1.0 tokens may name the issuer of v2.0 tokens of the tenant. Undefined
 * for other issuers: their keys have no such member.
 */
export function keyFilterOf({ iss, tid }: Claims, { preset }: JwtIssuer): KeyFilter | undefined {
  if (preset !== "entra-v1" && preset !== "entra-v2") return undefined;
  return (issuer) => {
    if (issuer === undefined) return true;
    if (typeof issuer !== "string" || typeof tid !== "string") return false;
    const named = filledIn(issuer, tid);
    return named === iss || (preset === "entra-v1" && named === `https://login.microsoftonline.com/${tid}/v2.0`);
  };
}
