import { afterAll, beforeAll, expect, test } from "vitest";
import {
  disable,
  revokeToken,
  revokeTokens,
  setEntitlements,
} from "../../../providers/entitlements/management/entitlements.ts";
import { NOW } from "../../fixtures.ts";
import {
  createEntitlementTableFixture,
  type EntitlementTableFixture,
} from "../../providers/entitlements/table-fixture.ts";
import { AUDIENCE, claims, ecKey, ISSUER, mint } from "../../providers/jwt/mint.ts";
import { expectationsIn, withCredential } from "./explained.ts";

let fixture: EntitlementTableFixture;
beforeAll(async () => {
  fixture = await createEntitlementTableFixture();
});
afterAll(() => fixture.close());

const key = ecKey();
const change = { by: "carol", reason: "left", time: NOW };
const subject = (name: string) => ({ kind: "subject", issuer: ISSUER, subject: name }) as const;

async function explainToken(given: object, rights: "add" | "replace" = "add") {
  const jwks = { keys: [key.jwk as { kty: string }] };
  const issuer = { issuer: ISSUER, audience: AUDIENCE, algorithms: ["ES256" as const], keys: { jwks } };
  const { stdout, explanation } = await withCredential(
    {
      jwt: { issuers: [{ ...issuer, claims: { tenant: "tenant" } }] },
      entitlements: { table: fixture.name, rights },
    },
    `Bearer ${mint(key, claims({ sub: "alice", ...given }))}`,
  );
  return { stdout, explanation, expectations: expectationsIn(explanation) };
}

test("what the table adds to a caller is shown with the version of its record", async () => {
  await setEntitlements(fixture.table, subject("entitled"), { roles: ["admin"], tenant: "acme" }, change);
  const { stdout, explanation } = await explainToken({ sub: "entitled" });
  expect(stdout).toMatch(/roles +"admin"/);
  expect(stdout).toMatch(/entitlements +version 1, which gives tenant "acme", roles "admin"/);
  expect(explanation.principals).toMatchObject([
    { tenant: "acme", entitled: { version: 1, roles: ["admin"], scopes: [], tenant: "acme" } },
  ]);
  expect((await explainToken({ sub: "nobody" })).stdout).toMatch(/entitlements +no record/);
});

test("a lockout says since when, by whom and why", async () => {
  await disable(fixture.table, subject("locked"), change);
  const { explanation, expectations } = await explainToken({ sub: "locked" });
  expect(explanation.reason).toBe("subject_disabled");
  expect(expectations).toEqual([
    'subject "locked": not disabled / disabled since 2026-03-02T10:00:00Z; last change 2026-03-02T10:00:00Z by "carol": "left" (`sallyport entitlements enable` ends it)',
  ]);
});

test("the lockout of a tenant names the tenant", async () => {
  await disable(fixture.table, { kind: "tenant", tenant: "globex" }, change);
  const { explanation, expectations } = await explainToken({ tenant: "globex" });
  expect(explanation.reason).toBe("tenant_disabled");
  expect(expectations[0]).toContain('tenant "globex": not disabled');
});

test("a revoked token says whether it was revoked by its id, or with all of its subject", async () => {
  await revokeToken(fixture.table, { kind: "token", issuer: ISSUER, tokenId: "t1" }, change);
  const byId = await explainToken({ jti: "t1" });
  expect(byId.explanation.reason).toBe("token_revoked");
  expect(byId.expectations[0]).toMatch(/^token "t1": not revoked \/ revoked 2026-03-02T10:00:00Z by "carol": "left"/);
  await revokeTokens(fixture.table, subject("fired"), change);
  const byTime = await explainToken({ sub: "fired" });
  expect(byTime.expectations[0]).toMatch(/^subject "fired": issued at 2026-03-02T10:00:01Z or later \/ issued at 2026/);
});

test("a tenant that contradicts the record shows both", async () => {
  await setEntitlements(fixture.table, subject("moved"), { tenant: "acme" }, change);
  const { explanation, expectations } = await explainToken({ sub: "moved", tenant: "initech" });
  expect(explanation.reason).toBe("entitlement_tenant_mismatch");
  expect(expectations).toEqual(['tenant: "acme", as on record / "initech"']);
});

test("a subject without a record says so with `replace`", async () => {
  const { explanation, expectations } = await explainToken({ sub: "nobody" }, "replace");
  expect(explanation.reason).toBe("subject_not_entitled");
  expect(expectations[0]).toMatch(/^subject "nobody": roles and scopes on record \/ no record/);
});
