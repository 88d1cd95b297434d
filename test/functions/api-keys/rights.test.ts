import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { NOW } from "../../fixtures.ts";
import { acme, createHarness, type Harness, operator, partner, type Sent } from "./harness.ts";

/** Who may do what, thought of as somebody who wants more. */

let api: Harness;
/** The key of a partner of acme, which manages acme's keys. */
let own: KeyRecord & { readonly key: string };
beforeAll(async () => {
  api = await createHarness();
  own = await api.issue(OWN);
});
afterAll(() => api.close());

const OWN = {
  ...{ tenant: "acme", owner: "acme-team", scopes: ["keys:read", "keys:write", "orders:read"], roles: ["buyer"] },
  ...{ addresses: ["198.51.100.0/24"], attributes: { region: "eu" }, expiresIn: 3600 },
};
const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
const versionTag = (version = 1) => ({ "if-match": `"${version}"` });
/** A key that the caller of `own` may manage. */
const LESSER = { tenant: "acme", scopes: ["orders:read"], addresses: ["198.51.100.7"], expiresIn: 60 };

const ROUTES: readonly [string, Sent][] = [
  ["GET /keys/{id}", {}],
  ["PATCH /keys/{id}", { body: { name: "mine" }, headers: versionTag() }],
  ["DELETE /keys/{id}", { headers: versionTag() }],
  ["POST /keys/{id}/rotate", { headers: versionTag() }],
  ["POST /keys/{id}/disable", {}],
  ["POST /keys/{id}/enable", { headers: versionTag() }],
  ["POST /keys/{id}/revoke", {}],
];

describe("scopes", () => {
  test.each(ROUTES)(
    "%s is refused to a caller without the scope, whatever the authorizer's rule says",
    async (route, sent) => {
      const { id } = await api.issue();
      const scope = route.startsWith("GET") ? "keys:write" : "keys:read";
      const { status } = await api.send(route, id, { ...sent, as: { ...operator, scopes: [scope, "keys"] } });
      expect(status).toBe(403);
      expect(await api.record(id)).toMatchObject({ version: 1 });
    },
  );

  test("without a caller, every route answers 500: it has no authorizer", async () => {
    const { status } = await api.send("GET /keys", undefined, { as: null, query: "owner=a" });
    expect(status).toBe(500);
  });
});

describe("another tenant's key", () => {
  test.each(ROUTES)("%s answers as if it were not there, with or without its version", async (route, sent) => {
    for (const tenant of ["globex", undefined]) {
      const foreign = await api.issue(tenant === undefined ? {} : { tenant });
      const there = await api.send(route, foreign.id, { ...sent, as: acme });
      const absent = await api.send(route, "0000000000000000", { ...sent, as: acme });
      expect(there).toEqual(absent);
      expect(there.status).toBe(404);
      expect(await api.record(foreign.id)).toMatchObject({ version: 1 });
    }
  });

  test("a key of another environment in the same table is not there, even for operators", async () => {
    const record = await api.issue({ tenant: "acme" });
    const services = { config: { ...api.keys.config, environment: "test" } };
    for (const as of [operator, acme]) {
      expect((await api.send("GET /keys/{id}", record.id, { as }, services)).status).toBe(404);
      const { body } = await api.send("GET /keys", undefined, { as, query: "tenant=acme" }, services);
      expect(body.keys).toEqual([]);
    }
  });

  test.each(["disable", "revoke"])("that was this tenant's a moment ago is not changed by %s", async (action) => {
    const { id } = await api.issue({ tenant: "acme" });
    const { table } = api.services;
    let isMoved = false;
    const get: typeof table.get = async (...given) => {
      const reading = await table.get(...given);
      if (!isMoved) await updateKey(table, id, { tenant: "globex" }, { by: "olga", time: NOW });
      isMoved = true;
      return reading;
    };
    const { status } = await api.send(`POST /keys/{id}/${action}`, id, { as: acme }, { table: { ...table, get } });
    expect([status, (await api.record(id))?.status]).toEqual([412, "active"]);
  });

  test("lists are of the tenant, whatever is asked for", async () => {
    const foreign = await api.issue({ tenant: "globex", owner: "shared", expiresIn: 60 });
    const mine = await api.issue({ tenant: "acme", owner: "shared", expiresIn: 60 });
    for (const query of ["", "owner=shared", `expiringBefore=${at(NOW + 3600)}`, "tenant=acme"]) {
      const { status, body } = await api.send("GET /keys", undefined, { query, as: acme });
      const ids = (body.keys as { id: string }[]).map(({ id }) => id);
      expect([status, ids.includes(mine.id), ids.includes(foreign.id)]).toEqual([200, true, false]);
    }
    const { status } = await api.send("GET /keys", undefined, { query: "tenant=globex", as: acme });
    expect(status).toBe(403);
  });

  test("the tenant of the client that acts for a user counts too: such a user is no operator", async () => {
    const foreign = await api.issue({ tenant: "globex" });
    const as = {
      ...{ ...operator, client: own.id, clientTenant: "acme" },
      attributes: { client_keyId: own.id },
      principals: [...operator.principals, ...partner(own).principals],
    };
    expect((await api.send("GET /keys/{id}", foreign.id, { as })).status).toBe(404);
    expect((await api.send("GET /keys/{id}", own.id, { as })).status).toBe(200);
  });

  test("a key whose record is gone, or no longer active, manages nothing", async () => {
    const gone = { ...own, id: "0000000000000000" };
    expect((await api.send("GET /keys/{id}", own.id, { as: partner(gone) })).status).toBe(403);
  });
});

const MORE: readonly [string, object][] = [
  ["another scope", { scopes: ["orders:write"] }],
  ["one more scope", { scopes: ["orders:read", "orders:write"] }],
  ["another role", { roles: ["admin"] }],
  ["another tenant", { tenant: "globex" }],
  ["a wider address", { addresses: ["198.51.0.0/16"] }],
  ["one address outside", { addresses: ["198.51.100.7", "192.0.2.1"] }],
  ["any address", { addresses: [] }],
  ["a later end", { expiresAt: at(NOW + 3601) }],
  ["somebody's subject", { subject: "victim" }],
  ["another attribute", { attributes: { plan: "enterprise" } }],
  ["another value of an attribute", { attributes: { region: "us" } }],
  ["a value for usage plans", { usageIdentifierKey: "u".repeat(24) }],
  ["metadata, which operators act on", { metadata: { approved: "yes" } }],
  ["another owner", { owner: "victims" }],
];

describe("a partner's own key", () => {
  test.each(MORE)("issues no key with %s", async (_, more) => {
    const before = await api.tables();
    const { status, body } = await api.send("POST /keys", undefined, {
      body: { name: "x", ...more },
      as: partner(own),
    });
    expect([status, body.type]).toEqual([403, "urn:sallyport:problem:not-permitted"]);
    expect(await api.tables()).toBe(before);
  });

  test("issues keys that have, where it says nothing, its own limits", async () => {
    const { status, body } = await api.send("POST /keys", undefined, { body: { name: "x" }, as: partner(own) });
    expect(status).toBe(201);
    expect(body).toMatchObject({ tenant: "acme", owner: "acme-team", addresses: ["198.51.100.0/24"] });
    expect(body).toMatchObject({
      expiresAt: at(NOW + 3600),
      scopes: [],
      roles: [],
      createdBy: `api-keys:live|${own.id}`,
    });
    expect(body).not.toHaveProperty("subject");
  });

  test("issues keys with all that it has itself", async () => {
    const same = { scopes: own.scopes, roles: own.roles, attributes: own.attributes, addresses: own.addresses };
    const body = { name: "x", ...same, subject: own.id, expiresAt: at(NOW + 3600), owner: "acme-team", tenant: "acme" };
    expect((await api.send("POST /keys", undefined, { body, as: partner(own) })).status).toBe(201);
  });

  const PATCHES: readonly [string, object][] = [
    ...MORE,
    ["no tenant", { tenant: null }],
    ["no end", { expiresAt: null }],
    ["no addresses", { addresses: null }],
  ];
  test.each(PATCHES)("gives another key no %s", async (_, more) => {
    const { id } = await api.issue(LESSER);
    const sent = { body: more, headers: versionTag(), as: partner(own) };
    expect((await api.send("PATCH /keys/{id}", id, sent)).status).toBe(403);
    expect(await api.record(id)).toMatchObject({ version: 1 });
  });

  test.each(PATCHES)("gives itself no %s", async (_, more) => {
    const sent = { body: more, headers: versionTag(), as: partner(own) };
    expect((await api.send("PATCH /keys/{id}", own.id, sent)).status).toBe(403);
    expect(await api.record(own.id)).toMatchObject({ version: 1 });
  });

  const STRONGER: readonly [string, object][] = [
    ["more scopes", { scopes: ["orders:write"] }],
    ["more roles", { roles: ["admin"] }],
    ["no addresses", { addresses: [] }],
    ["a later end", { expiresIn: 7200 }],
    ["no end", { expiresIn: undefined as never }],
    ["a subject of its own", { subject: "victim" }],
    ["other attributes", { attributes: { plan: "enterprise" } }],
  ];
  test.each(STRONGER)(
    "gets no secret of a key with %s, does not wake it up, and does not keep it alive",
    async (_, more) => {
      const { expiresIn: _end, ...lesser } = LESSER;
      const { id } = await api.issue({
        ...lesser,
        ...("expiresIn" in more ? {} : { expiresIn: 60 }),
        ...withoutNone(more),
      });
      const as = partner(own);
      const rotated = await api.send("POST /keys/{id}/rotate", id, { headers: versionTag(), as });
      expect([rotated.status, rotated.body.secret]).toEqual([403, undefined]);
      expect((await api.send("PATCH /keys/{id}", id, { body: { name: "x" }, headers: versionTag(), as })).status).toBe(
        403,
      );
      await api.send("POST /keys/{id}/disable", id);
      const enabled = await api.send("POST /keys/{id}/enable", id, { headers: versionTag(2), as });
      expect(enabled.status).toBe(403);
      expect(await api.record(id)).toMatchObject({ version: 2, status: "disabled" });
      // What takes rights away is open.
      expect((await api.send("POST /keys/{id}/revoke", id, { as })).status).toBe(200);
    },
  );

  test("rotates, changes, suspends and ends the keys of its tenant that have no more than it", async () => {
    const { id } = await api.issue(LESSER);
    const as = partner(own);
    const steps: [string, Sent][] = [
      ["PATCH /keys/{id}", { body: { name: "x", roles: ["buyer"] }, headers: versionTag(1) }],
      ["POST /keys/{id}/rotate", { headers: versionTag(2) }],
      ["POST /keys/{id}/disable", {}],
      ["POST /keys/{id}/enable", { headers: versionTag(4) }],
      ["POST /keys/{id}/revoke", {}],
      ["DELETE /keys/{id}", { headers: versionTag(6) }],
    ];
    for (const [route, sent] of steps) {
      const { status } = await api.send(route, id, { ...sent, as });
      expect([route, status]).toEqual([route, expect.toBeOneOf([200, 201, 204])]);
    }
  });

  test("takes no key from its owner, with whose keys it ends", async () => {
    const { id } = await api.issue({ ...LESSER, owner: "another-team" });
    const sent = { body: { owner: "acme-team" }, headers: versionTag(), as: partner(own) };
    expect((await api.send("PATCH /keys/{id}", id, sent)).status).toBe(403);
    expect(await api.record(id)).toMatchObject({ version: 1, owner: "another-team" });
  });

  test("does not end a suspension that somebody else ordered, nor cover it up by another change", async () => {
    const { id } = await api.issue(LESSER);
    await api.send("POST /keys/{id}/disable", id, { body: { reason: "abuse" } });
    const as = partner(own);
    expect((await api.send("POST /keys/{id}/disable", id, { as })).body.version).toBe(2);
    const attempts: [string, Sent][] = [
      ["POST /keys/{id}/enable", {}],
      ["POST /keys/{id}/rotate", {}],
      ["PATCH /keys/{id}", { body: { name: "x" } }],
    ];
    for (const [route, sent] of attempts) {
      const { status } = await api.send(route, id, { ...sent, headers: versionTag(2), as });
      expect([route, status]).toEqual([route, 403]);
    }
    expect(await api.record(id)).toMatchObject({ version: 2, status: "disabled" });
    expect((await api.send("POST /keys/{id}/enable", id, { headers: versionTag(2) })).status).toBe(200);
  });

  test("whose tenant was changed a moment ago manages neither tenant's keys", async () => {
    const moved = await api.issue({ ...OWN, tenant: "globex" });
    const stale = partner({ ...moved, tenant: "acme" });
    expect((await api.send("GET /keys", undefined, { as: stale })).status).toBe(403);
  });

  test("may reduce a key that has more than it to what it has", async () => {
    const { id } = await api.issue({ ...LESSER, scopes: ["orders:read", "orders:write"] });
    const sent = { body: { scopes: ["orders:read"] }, headers: versionTag(), as: partner(own) };
    expect((await api.send("PATCH /keys/{id}", id, sent)).status).toBe(200);
  });

  test("with a secret that was replaced, cannot outlive its grace: it neither rotates itself nor issues a longer key", async () => {
    const old = partner(own, { expiresAt: NOW + 60 });
    const rotated = await api.send("POST /keys/{id}/rotate", own.id, { headers: versionTag(), as: old });
    expect(rotated.status).toBe(403);
    const body = { name: "x", expiresAt: at(NOW + 61) };
    expect((await api.send("POST /keys", undefined, { body, as: old })).status).toBe(403);
    const shorter = await api.send("POST /keys", undefined, { body: { name: "x" }, as: old });
    expect(shorter.body.expiresAt).toBe(at(NOW + 60));
  });

  test("that lost a scope since gives it to nobody", async () => {
    const stale = partner({ ...own, scopes: [...own.scopes, "orders:write"] });
    const body = { name: "x", scopes: ["orders:write"] };
    expect((await api.send("POST /keys", undefined, { body, as: stale })).status).toBe(403);
  });
});

const withoutNone = (members: object) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

describe("a tenant's administrator with a token", () => {
  test.each(MORE.filter(([title]) => !/address|end/.test(title)))("issues no key with %s", async (_, more) => {
    const { status } = await api.send("POST /keys", undefined, { body: { name: "x", ...more }, as: acme });
    expect(status).toBe(403);
  });

  test("issues keys of its tenant that end within a year", async () => {
    const { body } = await api.send("POST /keys", undefined, {
      ...{ body: { name: "x", scopes: ["orders:read"], roles: ["buyer"] }, as: acme },
    });
    expect(body).toMatchObject({ tenant: "acme", expiresAt: at(NOW + 365 * 86_400) });
    const longer = { name: "x", expiresAt: at(NOW + 365 * 86_400 + 1) };
    expect((await api.send("POST /keys", undefined, { body: longer, as: acme })).status).toBe(403);
  });

  test("does not take its own subject for a key's: they are of different issuers", async () => {
    const body = { name: "x", subject: "alice" };
    expect((await api.send("POST /keys", undefined, { body, as: acme })).status).toBe(403);
  });

  test("does not see what operators noted", async () => {
    const { id } = await api.issue({ tenant: "acme", metadata: { note: "late payer" } });
    const { body } = await api.send("GET /keys/{id}", id, { as: acme });
    expect(body).not.toHaveProperty("metadata");
    const list = await api.send("GET /keys", undefined, { as: acme });
    expect(JSON.stringify(list.body)).not.toContain("late payer");
  });

  test("keeps the owner that an operator set", async () => {
    const { id } = await api.issue({ tenant: "acme", owner: "team", expiresIn: 60 });
    const patch = (owner: string | null, version: number) =>
      api.send("PATCH /keys/{id}", id, { body: { owner, name: "y" }, headers: versionTag(version), as: acme });
    expect((await patch("team", 1)).status).toBe(200);
    for (const owner of ["other", null]) expect((await patch(owner, 2)).status).toBe(403);
  });
});

describe("what operators write of a key", () => {
  const words = "Customer pays late, see ticket 9";

  test("is not shown to its tenant: neither who nor why; what the tenant's administrator did itself is", async () => {
    const { id } = await api.issue({ tenant: "acme" });
    await api.send("POST /keys/{id}/disable", id, { body: { reason: words } });
    const list = () => api.send("GET /keys", undefined, { query: "tenant=acme&limit=100", as: acme });
    for (const { body } of [await api.send("GET /keys/{id}", id, { as: acme }), await list()]) {
      expect(JSON.stringify(body)).not.toMatch(/olga|pays late/);
    }
    expect((await api.send("GET /keys/{id}", id)).body).toMatchObject({ changeReason: words });
    const late = await api.send("POST /keys/{id}/revoke", id, { headers: versionTag(1), as: acme });
    expect([late.status, late.body.current]).toEqual([412, { version: 2, at: at(NOW) }]);
    await api.send("POST /keys/{id}/revoke", id, { body: { reason: "ours" }, as: acme });
    const revoked = (await api.send("GET /keys/{id}", id, { as: acme })).body;
    expect(revoked).toMatchObject({ revokeReason: "ours", revokedBy: expect.stringMatching(/\|alice$/) });
    await api.send("POST /keys/{id}/revoke", id, { body: { reason: words } });
    expect(revoked).not.toHaveProperty("createdBy");
  });

  test("is not shown of a revocation either", async () => {
    const { id } = await api.issue({ tenant: "acme" });
    await api.send("POST /keys/{id}/revoke", id, { body: { reason: words } });
    const { body } = await api.send("GET /keys/{id}", id, { as: acme });
    expect(body).toMatchObject({ status: "revoked", revokedAt: at(NOW) });
    for (const name of ["revokedBy", "revokeReason", "changedBy", "changeReason"])
      expect(body).not.toHaveProperty(name);
  });
});

test("a token whose tenant has white space at its edge issues no key, which would belong to nobody", async () => {
  const as = { ...acme, tenant: "acme ", principals: acme.principals };
  const { status, body } = await api.send("POST /keys", undefined, { body: { name: "x" }, as });
  expect([status, body.errors]).toMatchObject([400, [{ field: "/tenant" }]]);
});

test("an actor whose name has no room in a record is shortened, and two of them differ", async () => {
  const by = async (subject: string) => {
    const { body } = await api.send("POST /keys", undefined, { body: { name: "x" }, as: { ...operator, subject } });
    return String(body.createdBy);
  };
  const [one, two] = [await by("a".repeat(256)), await by(`${"a".repeat(255)}b`)];
  expect([one.length, two.length, one === two]).toEqual([256, 256, false]);
});
