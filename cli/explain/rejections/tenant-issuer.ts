import type { JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import { TENANT_ID } from "../../../shared/domain/config/preset-types.ts";

/** The tenant that an `iss` names by the template of an entry for several tenants; undefined if it is another issuer's. */
export function tenantIn(iss: unknown, { issuer, tenantIds }: Pick<JwtIssuer, "issuer" | "tenantIds">) {
  const [before = "", after = ""] = issuer.split(TENANT_ID);
  if (!tenantIds || typeof iss !== "string" || !iss.startsWith(before) || !iss.endsWith(after)) return undefined;
  const tenant = iss.slice(before.length, iss.length - after.length);
  return /^[^/]+$/.test(tenant) ? tenant : undefined;
}
