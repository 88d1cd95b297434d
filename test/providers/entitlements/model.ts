import type { Principal } from "../../../shared/domain/principal/principal.ts";

/**
 * Who is refused, and what the others may, as docs/entitlements.md says it: a model that knows neither keys nor records
 * nor an order of checks, only what operators have ordered.
 */

/** What an operator has ordered. */
export type Order =
  | { readonly what: "disable"; readonly issuer: string; readonly subject: string }
  | { readonly what: "disable-tenant"; readonly tenant: string }
  | { readonly what: "revoke-token"; readonly issuer: string; readonly tokenId: string }
  | { readonly what: "revoke"; readonly issuer: string; readonly subject: string; readonly before: number }
  | { readonly what: "revoke-tenant"; readonly tenant: string; readonly before: number }
  | {
      readonly what: "entitle";
      readonly issuer: string;
      readonly subject: string;
      readonly roles: readonly string[];
      readonly scopes: readonly string[];
      readonly tenant: string | undefined;
    };

/** What becomes of a principal: its tenant, roles and scopes, or that it is refused. */
export type Fate =
  | { readonly refused: true }
  | { readonly tenant: string | undefined; readonly roles: ReadonlySet<string>; readonly scopes: ReadonlySet<string> };

export function fateOf(
  { provider, issuer, subject, tokenId, issuedAt, tenant, roles, scopes }: Principal,
  orders: readonly Order[],
  tolerance: number,
): Fate {
  const isKey = provider === "api-key";
  const own = orders.filter((order) => "subject" in order && order.issuer === issuer && order.subject === subject);
  const granted = own.flatMap((order) => (order.what === "entitle" ? [order] : []));
  const recorded = granted.find((order) => order.tenant !== undefined)?.tenant;
  if (recorded !== undefined && tenant !== undefined && recorded !== tenant) return { refused: true };
  if (recorded !== undefined && tenant === undefined && isKey) return { refused: true };
  const tenantThen = tenant ?? recorded;
  const isOld = (before: number) => issuedAt === undefined || issuedAt - tolerance < before;
  for (const order of orders) {
    const isOfTenant = "tenant" in order && order.what !== "entitle" && order.tenant === tenantThen;
    const isOfSubject = own.includes(order);
    if (order.what === "disable" && isOfSubject) return { refused: true };
    if (order.what === "disable-tenant" && isOfTenant) return { refused: true };
    if (order.what === "revoke" && isOfSubject && isOld(order.before)) return { refused: true };
    if (order.what === "revoke-tenant" && isOfTenant && isOld(order.before)) return { refused: true };
    if (order.what === "revoke-token" && order.issuer === issuer && order.tokenId === tokenId) return { refused: true };
  }
  return {
    tenant: tenantThen,
    roles: new Set([...roles, ...(isKey ? [] : granted.flatMap((order) => order.roles))]),
    scopes: new Set([...scopes, ...(isKey ? [] : granted.flatMap((order) => order.scopes))]),
  };
}
