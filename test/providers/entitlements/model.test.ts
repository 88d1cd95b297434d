import fc from "fast-check";
import { expect, test } from "vitest";
import type { EntitlementRecord, SubjectRecord, TenantRecord } from "../../../providers/entitlements/record.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { NOW } from "../../fixtures.ts";
import { memoryStore, stepWith, subjectRecord, tenantRecord, tokenRecord, verdictsOn } from "./fixture.ts";
import { fateOf, type Order } from "./model.ts";

/** Few names, so that orders and principals often meet. */
const ENTRA = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
const issuer = fc.constantFrom("https://id.example.com", ENTRA, "https://idp.example.com", "api-keys:live");
const subject = fc.constantFrom("alice", "bob", "__proto__");
const tenant = fc.constantFrom("acme", "globex");
const tokenId = fc.constantFrom("t1", "t2");
const instant = fc.integer({ min: NOW - 12, max: NOW + 12 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const words = fc.subarray(["read", "write", "admin"]);

const anyOrder: fc.Arbitrary<Order> = fc.oneof(
  fc.record({ what: fc.constant("disable" as const), issuer, subject }),
  fc.record({ what: fc.constant("disable-tenant" as const), tenant }),
  fc.record({ what: fc.constant("revoke-token" as const), issuer, tokenId }),
  fc.record({ what: fc.constant("revoke" as const), issuer, subject, before: instant }),
  fc.record({ what: fc.constant("revoke-tenant" as const), tenant, before: instant }),
  fc.record({
    ...{ what: fc.constant("entitle" as const), issuer, subject },
    ...{ roles: words, scopes: words, tenant: optional(tenant) },
  }),
);

/** One entitlement for each subject: a later one would take the place of the first. */
const anyOrders = fc
  .array(anyOrder, { maxLength: 8 })
  .map((orders) =>
    orders.filter(
      (order, index) =>
        order.what !== "entitle" ||
        !orders
          .slice(0, index)
          .some(
            (other) => other.what === "entitle" && other.issuer === order.issuer && other.subject === order.subject,
          ),
    ),
  );

const anyPrincipal: fc.Arbitrary<Principal> = fc
  .record({
    ...{ issuer, subject, tenant: optional(tenant), tokenId: optional(tokenId), issuedAt: optional(instant) },
    ...{ roles: words, scopes: words },
  })
  .map(({ tenant: of, tokenId: id, issuedAt, ...facts }) => ({
    ...facts,
    provider: facts.issuer.startsWith("api-keys:") ? "api-key" : "jwt",
    kind: "user",
    attributes: {},
    ...(of !== undefined && { tenant: of }),
    ...(id !== undefined && { tokenId: id }),
    ...(issuedAt !== undefined && { issuedAt }),
  }));

/** The records that operators make by their orders. */
function recordsOf(orders: readonly Order[]): EntitlementRecord[] {
  const subjects = new Map<string, SubjectRecord>();
  const tenants = new Map<string, TenantRecord>();
  const tokens: EntitlementRecord[] = [];
  const change = (order: { issuer: string; subject: string }, fields: Partial<SubjectRecord>) => {
    const name = JSON.stringify([order.issuer, order.subject]);
    const before = subjects.get(name) ?? subjectRecord({ issuer: order.issuer, subject: order.subject });
    subjects.set(name, { ...before, ...fields });
  };
  const changeTenant = (name: string, fields: Partial<TenantRecord>) =>
    tenants.set(name, { ...(tenants.get(name) ?? tenantRecord({ tenant: name })), ...fields });
  const later = (before: number | undefined, now: number) => Math.max(before ?? 0, now);
  for (const order of orders) {
    if (order.what === "disable") change(order, { disabledSince: NOW });
    else if (order.what === "disable-tenant") changeTenant(order.tenant, { disabledSince: NOW });
    else if (order.what === "revoke-token") tokens.push(tokenRecord(order as { issuer: string; tokenId: string }));
    else if (order.what === "revoke") {
      const known = subjects.get(JSON.stringify([order.issuer, order.subject]))?.revokedBefore;
      change(order, { revokedBefore: later(known, order.before) });
    } else if (order.what === "revoke-tenant") {
      const known = tenants.get(order.tenant)?.revokedBefore;
      changeTenant(order.tenant, { revokedBefore: later(known, order.before) });
    } else {
      const { roles, scopes, tenant: of } = order;
      change(order, { roles: [...roles], scopes: [...scopes], ...(of !== undefined && { tenant: of }) });
    }
  }
  return [...subjects.values(), ...tenants.values(), ...tokens];
}

/** One entry for one issuer, and one for several tenants, whose tokens each name an issuer of their own. */
const JWT = {
  issuers: [
    { issuer: "https://id.example.com", audience: "a", clockTolerance: 3 },
    {
      ...{ preset: "entra-v2" as const, issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", audience: "a" },
      tenantIds: ["8eaef023-2b34-4da1-9baa-8bc8c9d6a490", "72f988bf-86f1-41af-91ab-2d7cd011db47"],
      clockTolerance: 9,
    },
  ],
};
const TOLERANCES: Readonly<Record<string, number>> = { "https://id.example.com": 3, [ENTRA]: 9 };
const toleranceOf = ({ issuer: of }: Principal) => TOLERANCES[of] ?? 5;

test("who is refused, and what the others may, is as the model of the documentation has it", async () => {
  let [refusals, grants] = [0, 0];
  await fc.assert(
    fc.asyncProperty(anyOrders, fc.array(anyPrincipal, { minLength: 1, maxLength: 3 }), async (orders, principals) => {
      const { store } = memoryStore(...recordsOf(orders));
      const verdicts = await verdictsOn(stepWith(store, {}, { jwt: JWT }), ...principals);
      for (const [index, principal] of principals.entries()) {
        const verdict = verdicts[index];
        const fate = fateOf(principal, orders, toleranceOf(principal));
        if ("refused" in fate) {
          refusals++;
          expect(verdict?.status).toBe("rejected");
          continue;
        }
        grants++;
        if (verdict?.status !== "authenticated") throw new Error(JSON.stringify(verdict));
        const { tenant: of, roles, scopes, ...rest } = verdict.principal;
        expect({ tenant: of, roles: new Set(roles), scopes: new Set(scopes) }).toEqual(fate);
        const { tenant: _, roles: __, scopes: ___, ...given } = principal;
        expect(rest).toEqual(given);
      }
    }),
    { numRuns: 500 },
  );
  // A generator whose orders never meet a principal would show nothing.
  expect(refusals).toBeGreaterThan(50);
  expect(grants).toBeGreaterThan(50);
});
