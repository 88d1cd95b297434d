import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { entitlements } from "../../../providers/entitlements/index.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { Reason } from "../../../shared/domain/reasons/reasons.ts";
import { client, configOf, NOW } from "../../fixtures.ts";
import { fakeClocks, moveWallClock, pass } from "../../shared/infrastructure/remote/clocks.ts";
import {
  alice,
  findingOf,
  ISSUER,
  memoryStore,
  stepWith,
  subjectRecord,
  tenantRecord,
  tokenRecord,
  verdictsOn,
} from "./fixture.ts";

const accepted = { status: "authenticated" };
const refused = (reason: Reason) => ({ status: "rejected", reason });
const trouble = (reason: Reason) => expect.objectContaining({ status: "unavailable", reason });
const key = (overrides: Partial<Principal> = {}) => client({ issuedAt: NOW - 100, ...overrides });

describe("a credential is refused", () => {
  const tenanted = alice({ tenant: "acme" });
  test.each<[string, EntitlementRecord, Principal, Reason]>([
    ["if its subject is disabled", subjectRecord({ disabledSince: NOW }), alice(), "subject_disabled"],
    [
      "if its subject is disabled from a later time on: a clock may be ahead",
      subjectRecord({ disabledSince: NOW + 3600 }),
      alice(),
      "subject_disabled",
    ],
    ["if its tenant is disabled", tenantRecord({ disabledSince: NOW }), tenanted, "tenant_disabled"],
    ["if its id is revoked", tokenRecord(), alice({ tokenId: "t1" }), "token_revoked"],
    [
      "if its id is revoked, although the record says that the token has ended",
      tokenRecord({ expiresAt: NOW - 3600 }),
      alice({ tokenId: "t1" }),
      "token_revoked",
    ],
    [
      "if it was issued before its subject's tokens were revoked",
      subjectRecord({ revokedBefore: NOW }),
      alice(),
      "token_revoked",
    ],
    [
      "if it was issued before its tenant's tokens were revoked",
      tenantRecord({ revokedBefore: NOW }),
      tenanted,
      "token_revoked",
    ],
    [
      "if it does not say when it was issued and its subject's tokens were revoked",
      subjectRecord({ revokedBefore: 1 }),
      alice({ issuedAt: undefined as never }),
      "token_revoked",
    ],
    [
      "if its tenant is another than its subject's",
      subjectRecord({ tenant: "globex" }),
      tenanted,
      "entitlement_tenant_mismatch",
    ],
    [
      "if it is an API key whose subject is disabled",
      subjectRecord({ issuer: "api-keys:live", subject: "partner", disabledSince: NOW }),
      key(),
      "subject_disabled",
    ],
    [
      "if it is an API key of a disabled tenant",
      tenantRecord({ disabledSince: NOW }),
      key({ tenant: "acme" }),
      "tenant_disabled",
    ],
    [
      "if it is an API key without a tenant, which is more than one with the subject's",
      subjectRecord({ issuer: "api-keys:live", subject: "partner", tenant: "acme" }),
      key(),
      "entitlement_tenant_mismatch",
    ],
  ])("%s", async (_what, record, principal, reason) => {
    const { store } = memoryStore(record);
    expect(await verdictsOn(stepWith(store), principal)).toEqual([refused(reason)]);
  });

  test("by a tenant that only the record of its subject states", async () => {
    const { store } = memoryStore(subjectRecord({ tenant: "acme" }), tenantRecord({ disabledSince: NOW }));
    expect(await verdictsOn(stepWith(store), alice())).toEqual([refused("tenant_disabled")]);
  });

  test("even if another credential of the request is in trouble", async () => {
    const table = memoryStore(subjectRecord({ disabledSince: NOW }));
    table.damage(subjectRecord({ issuer: "api-keys:live", subject: "partner" }));
    expect(await verdictsOn(stepWith(table.store), alice(), key())).toEqual([
      refused("subject_disabled"),
      trouble("entitlement_record_invalid"),
    ]);
  });
});

describe("a revocation of all that was issued before an instant", () => {
  const jwt = { issuers: [{ issuer: ISSUER, audience: "a", clockTolerance: 7 }] };
  const at = async (issuedAt: number, provider: Partial<Principal> = {}) => {
    const { store } = memoryStore(
      subjectRecord({ revokedBefore: NOW }),
      subjectRecord({ issuer: "own", revokedBefore: NOW }),
    );
    const [verdict] = await verdictsOn(stepWith(store, {}, { jwt }), alice({ issuedAt, ...provider }));
    return verdict?.status;
  };

  test("covers what an issuer whose clock is ahead, within its tolerance, issued before it", async () => {
    expect(await at(NOW + 6)).toBe("rejected");
    expect(await at(NOW + 7)).toBe("authenticated");
  });

  test("covers the tolerance of an entry for several tenants of Entra, whose issuers have their ids", async () => {
    const tenantId = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
    const template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    const entry = { preset: "entra-v2" as const, issuer: template, tenantIds: [tenantId], audience: "a" };
    const { store } = memoryStore(subjectRecord({ issuer, revokedBefore: NOW }));
    const step = stepWith(store, {}, { jwt: { issuers: [{ ...entry, clockTolerance: 7 }] } });
    const [early, late] = [NOW + 6, NOW + 7].map((issuedAt) => verdictsOn(step, alice({ issuer, issuedAt })));
    expect(await early).toEqual([refused("token_revoked")]);
    expect(await late).toMatchObject([accepted]);
  });

  test("covers the default tolerance for providers of one's own", async () => {
    expect(await at(NOW + 4, { issuer: "own" })).toBe("rejected");
    expect(await at(NOW + 5, { issuer: "own" })).toBe("authenticated");
  });

  test("takes fractions of seconds as they are", async () => {
    expect(await at(NOW + 6.999)).toBe("rejected");
  });
});

describe("a record is about nobody else:", () => {
  test.each<[string, Principal]>([
    ["another subject of the issuer", alice({ subject: "bob" })],
    ["the same subject of another issuer", alice({ issuer: "https://other.example.com" })],
    ["the subject with a control character", alice({ subject: "alice\u0000" })],
    ["the subject in other letters", alice({ subject: "Alice" })],
    ["a subject by the name of a prototype", alice({ subject: "__proto__" })],
    ["an issuer that ends as the subject begins", alice({ issuer: `${ISSUER}#alice`, subject: "" })],
  ])("%s", async (_what, other) => {
    const { store } = memoryStore(
      subjectRecord({ disabledSince: NOW, roles: ["admin"] }),
      tokenRecord({ tokenId: "t1" }),
    );
    expect(await verdictsOn(stepWith(store), other)).toMatchObject([{ ...accepted, principal: other }]);
  });

  test("the token of another issuer with the same id", async () => {
    const { store } = memoryStore(tokenRecord({ tokenId: "t1" }));
    const other = alice({ issuer: "https://other.example.com", tokenId: "t1" });
    expect(await verdictsOn(stepWith(store), other)).toMatchObject([accepted]);
  });

  test("two principals of one request have each its own", async () => {
    const { store } = memoryStore(
      subjectRecord({ roles: ["admin"] }),
      subjectRecord({ subject: "bob", roles: ["clerk"] }),
    );
    expect(await verdictsOn(stepWith(store), alice({ subject: "bob" }), alice())).toMatchObject([
      { principal: { subject: "bob", roles: ["clerk"] } },
      { principal: { subject: "alice", roles: ["admin"] } },
    ]);
  });
});

describe("roles, scopes and a tenant", () => {
  const record = subjectRecord({ roles: ["admin"], scopes: ["orders:write"], tenant: "acme" });

  test("of the record add to those of the credential", async () => {
    const { store } = memoryStore(record);
    const [finding] = await stepWith(store).entitle(
      [findingOf(alice({ roles: ["clerk", "admin"], scopes: ["orders:read"] }))],
      new AbortController().signal,
    );
    expect(finding).toMatchObject({
      verdict: {
        principal: { roles: ["clerk", "admin"], scopes: ["orders:read", "orders:write"], tenant: "acme" },
      },
      entitled: { version: 1, roles: [], scopes: ["orders:write"], tenant: "acme" },
    });
  });

  test("of the record take the place of those of the credential with `replace`", async () => {
    const { store } = memoryStore(record);
    const [verdict] = await verdictsOn(
      stepWith(store, { rights: "replace" }),
      alice({ roles: ["clerk"], scopes: ["orders:read"], tenant: "acme" }),
    );
    expect(verdict).toMatchObject({ principal: { roles: ["admin"], scopes: ["orders:write"], tenant: "acme" } });
  });

  test("of a record change nothing of an API key, which has its own", async () => {
    const { store } = memoryStore({ ...record, issuer: "api-keys:live", subject: "partner" });
    const own = key({ tenant: "acme", scopes: ["orders:read"] });
    for (const rights of ["add", "replace"] as const) {
      expect(await verdictsOn(stepWith(store, { rights }), own)).toMatchObject([{ principal: own }]);
    }
  });

  test("without a record are those of the credential, or the credential is refused with `replace`", async () => {
    const { store } = memoryStore();
    const own = alice({ roles: ["clerk"] });
    expect(await verdictsOn(stepWith(store), own)).toMatchObject([{ principal: own }]);
    expect(await verdictsOn(stepWith(store, { rights: "replace" }), own)).toEqual([refused("subject_not_entitled")]);
  });

  test("of a record without any are none at all with `replace`", async () => {
    const { store } = memoryStore(subjectRecord());
    expect(await verdictsOn(stepWith(store, { rights: "replace" }), alice())).toEqual([
      refused("subject_not_entitled"),
    ]);
  });

  test("that a record empties refuse a credential beside others, since an empty list would not limit them", async () => {
    const step = stepWith(
      memoryStore(
        subjectRecord({ roles: ["admin"] }),
        subjectRecord({ subject: "bob", roles: ["clerk"], scopes: ["orders:read"] }),
      ).store,
      { rights: "replace" },
    );
    const bob = alice({ subject: "bob", scopes: ["orders:read"] });
    expect(await verdictsOn(step, alice({ scopes: ["orders:read"] }))).toMatchObject([accepted]);
    expect(await verdictsOn(step, alice({ scopes: ["orders:read"] }), bob)).toMatchObject([
      refused("subject_not_entitled"),
      accepted,
    ]);
    expect(await verdictsOn(step, alice(), bob)).toMatchObject([accepted, accepted]);
  });
});

describe("the table is read", () => {
  test("once for all principals, with each key once", async () => {
    const { store, reads } = memoryStore();
    const credentials = [alice({ tenant: "acme", tokenId: "t1" }), key({ tenant: "acme" })];
    await verdictsOn(stepWith(store), ...credentials);
    expect(reads).toHaveLength(1);
    expect(reads[0]).toHaveLength(4);
  });

  test("a second time for the tenant of a record, and then once, since it is expected", async () => {
    const { store, reads } = memoryStore(subjectRecord({ tenant: "acme" }));
    const step = stepWith(store);
    await verdictsOn(step, alice());
    expect(reads).toHaveLength(2);
    await verdictsOn(step, alice());
    expect(reads).toHaveLength(3);
  });

  test("a second time if the record has another tenant than it had", async () => {
    const table = memoryStore(subjectRecord({ tenant: "acme" }));
    const step = stepWith(table.store);
    await verdictsOn(step, alice());
    table.put(subjectRecord({ tenant: "globex" }));
    table.put(tenantRecord({ tenant: "globex", disabledSince: NOW }));
    expect(await verdictsOn(step, alice())).toEqual([refused("tenant_disabled")]);
  });

  test("for every decision, so that a lockout counts from the next one on", async () => {
    const table = memoryStore();
    const step = stepWith(table.store);
    expect(await verdictsOn(step, alice())).toMatchObject([accepted]);
    table.put(subjectRecord({ disabledSince: NOW }));
    expect(await verdictsOn(step, alice())).toEqual([refused("subject_disabled")]);
  });
});

describe("with `maxCacheAge`", () => {
  beforeEach(fakeClocks);
  afterEach(() => vi.useRealTimers());

  test("a reading decides for as many seconds, and not longer", async () => {
    const table = memoryStore();
    const step = stepWith(table.store, { maxCacheAge: 5 });
    await verdictsOn(step, alice());
    table.put(subjectRecord({ disabledSince: NOW }));
    await pass(4999);
    expect(await verdictsOn(step, alice())).toMatchObject([accepted]);
    await pass(1);
    expect(await verdictsOn(step, alice())).toEqual([refused("subject_disabled")]);
  });

  test("a reading is too old if either clock says so", async () => {
    const table = memoryStore();
    const step = stepWith(table.store, { maxCacheAge: 5 });
    await verdictsOn(step, alice());
    table.put(subjectRecord({ disabledSince: NOW }));
    moveWallClock(-3_600_000);
    await pass(5000);
    expect(await verdictsOn(step, alice())).toEqual([refused("subject_disabled")]);
  });

  test("no principal is decided by the reading of another", async () => {
    const table = memoryStore(subjectRecord({ roles: ["admin"] }));
    const step = stepWith(table.store, { maxCacheAge: 60 });
    await verdictsOn(step, alice());
    for (const other of [alice({ subject: "bob" }), alice({ issuer: "https://other.example.com" })]) {
      expect(await verdictsOn(step, other)).toMatchObject([{ principal: { roles: [] } }]);
    }
    expect(table.reads).toHaveLength(3);
  });

  test("a damaged record is read again, so that its repair counts", async () => {
    const table = memoryStore();
    table.damage(subjectRecord());
    const step = stepWith(table.store, { maxCacheAge: 60 });
    expect(await verdictsOn(step, alice())).toEqual([trouble("entitlement_record_invalid")]);
    table.put(subjectRecord());
    expect(await verdictsOn(step, alice())).toMatchObject([accepted]);
  });

  test("what is remembered is bounded, and the oldest goes first", async () => {
    const table = memoryStore();
    const step = stepWith(table.store, { maxCacheAge: 60 });
    for (let index = 0; index <= 1000; index++) await verdictsOn(step, alice({ subject: `s${index}` }));
    const reads = table.reads.length;
    await verdictsOn(step, alice({ subject: "s1" }));
    expect(table.reads).toHaveLength(reads);
    await verdictsOn(step, alice({ subject: "s0" }));
    expect(table.reads).toHaveLength(reads + 1);
  });

  test("large records are bounded by their length", async () => {
    const roles = Array.from({ length: 256 }, (_, index) => `${index}${"r".repeat(200)}`);
    const names = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const table = memoryStore(...names.map((subject) => subjectRecord({ subject, roles })));
    const step = stepWith(table.store, { maxCacheAge: 60 });
    for (const subject of names) await verdictsOn(step, alice({ subject }));
    const reads = table.reads.length;
    await verdictsOn(step, alice({ subject: "s59" }));
    expect(table.reads).toHaveLength(reads);
    await verdictsOn(step, alice({ subject: "s0" }));
    expect(table.reads).toHaveLength(reads + 1);
  });
});

describe("trouble, and never a decision, is", () => {
  test("a table that fails", async () => {
    const store = { read: () => Promise.reject(new TroubleError("entitlements_unavailable")) };
    expect(await verdictsOn(stepWith(store), alice())).toEqual([trouble("entitlements_unavailable")]);
  });

  test("a store that fails in a way that it does not name", async () => {
    const store = { read: () => Promise.reject(new Error("secret")) };
    expect(await verdictsOn(stepWith(store), alice())).toEqual([trouble("entitlements_unavailable")]);
  });

  test("a table that cannot be opened, which is opened again for the next decision", async () => {
    let attempts = 0;
    const { store } = memoryStore(subjectRecord({ roles: ["admin"] }));
    const open = async () => {
      if (attempts++ === 0) throw new Error("EMFILE");
      return store;
    };
    const step = entitlements(configOf({ entitlements: { table: "table" } }), { openStore: open });
    if (!step) throw new Error("no step");
    await expect(verdictsOn(step, alice())).rejects.toMatchObject({ reason: "entitlements_unavailable" });
    expect(await verdictsOn(step, alice())).toMatchObject([{ principal: { roles: ["admin"] } }]);
  });

  test("a function whose time is over", async () => {
    const stopped = AbortSignal.abort();
    const store = { read: () => Promise.reject(new TroubleError("entitlements_unavailable")) };
    const [finding] = await stepWith(store).entitle([findingOf(alice())], stopped);
    expect(finding?.verdict).toEqual(trouble("deadline_exceeded"));
  });

  test.each([
    ["of the subject", subjectRecord()],
    ["of the token", tokenRecord()],
    ["of the tenant", tenantRecord()],
  ])("a damaged record %s", async (_what, record) => {
    const table = memoryStore();
    table.damage(record);
    const principal = alice({ tokenId: "t1", tenant: "acme" });
    expect(await verdictsOn(stepWith(table.store), principal)).toEqual([trouble("entitlement_record_invalid")]);
  });

  test("a damaged record of the subject with `replace`, whose rights are not known", async () => {
    const table = memoryStore(tenantRecord());
    table.damage(subjectRecord());
    const step = stepWith(table.store, { rights: "replace" });
    expect(await verdictsOn(step, alice({ tenant: "acme" }))).toEqual([trouble("entitlement_record_invalid")]);
    table.put(tenantRecord({ disabledSince: NOW }));
    expect(await verdictsOn(step, alice({ tenant: "acme" }))).toEqual([refused("tenant_disabled")]);
  });
});
