import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInRanges } from "../../../../shared/domain/address/address-range.ts";
import { mergePrincipals } from "../../../../shared/domain/caller/merge.ts";
import type { MergeConfig } from "../../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../../shared/domain/principal/principal.ts";
import { client, NOW, user } from "../../../fixtures.ts";

const INTERSECT: MergeConfig = { scopes: "intersection" };

function merged(principals: Principal[], config = INTERSECT) {
  const result = mergePrincipals(principals, config);
  if (!("caller" in result)) throw new Error(result.conflict);
  return result.caller;
}

describe("one principal", () => {
  test("is the caller as it stands", () => {
    const alone = user({
      tenant: "acme",
      scopes: ["a"],
      roles: ["r"],
      addresses: ["192.0.2.0/24"],
      attributes: { x: 1 },
    });
    expect(merged([alone])).toMatchObject({
      subject: "alice",
      issuer: "https://id.example.com",
      tenant: "acme",
      scopes: ["a"],
      roles: ["r"],
      kind: "user",
    });
    expect(merged([alone])).not.toHaveProperty("client");
  });

  test("that is a client is the caller and its client", () => {
    expect(merged([client({ roles: ["batch"] })])).toMatchObject({
      subject: "partner",
      client: "partner",
      roles: ["batch"],
    });
  });
});

test("a client alone keeps its attributes under their own names", () => {
  expect(merged([client({ attributes: { plan: "gold" } })]).attributes).toEqual({ plan: "gold" });
});

test("a caller whose credentials have no end has none", () => {
  expect(merged([client()])).not.toHaveProperty("expiresAt");
});

describe("a user with a client", () => {
  test("keeps the scopes that both have", () => {
    const caller = merged([client({ scopes: ["a", "b"] }), user({ scopes: ["b", "c"] })]);
    expect(caller).toMatchObject({ subject: "alice", client: "partner", kind: "user", scopes: ["b"] });
  });

  test("gets no scope from its client, and is not limited by a client that states none", () => {
    expect(merged([client({ scopes: ["a"] }), user()]).scopes).toEqual([]);
    expect(merged([client(), user({ scopes: ["a"] })]).scopes).toEqual(["a"]);
  });

  test("has the scopes of either only where the configuration says union", () => {
    const principals = [client({ scopes: ["a", "b"] }), user({ scopes: ["b", "c"] })];
    expect(merged(principals, { scopes: "union" }).scopes.toSorted()).toEqual(["a", "b", "c"]);
  });

  test("is refused if their tenants differ", () => {
    const result = mergePrincipals([client({ tenant: "acme" }), user({ tenant: "globex" })], INTERSECT);
    expect(result).toEqual({ conflict: "tenant_mismatch" });
  });

  test("does not belong to its client's tenant: a backend is told whose tenant it is", () => {
    const caller = merged([client({ tenant: "acme" }), user({ roles: ["admin"] })]);
    expect(caller).not.toHaveProperty("tenant");
    expect(caller).toMatchObject({ clientTenant: "acme", roles: ["admin"] });
    expect(merged([client(), user({ tenant: "acme" })])).not.toHaveProperty("clientTenant");
    expect(merged([client({ tenant: "acme" })])).not.toHaveProperty("clientTenant");
  });

  test("ends with the first of them", () => {
    expect(merged([client({ expiresAt: NOW + 60 }), user({ expiresAt: NOW + 600 })]).expiresAt).toBe(NOW + 60);
    expect(merged([client(), user({ expiresAt: NOW + 600 })]).expiresAt).toBe(NOW + 600);
  });

  test("may come from addresses that both allow", () => {
    const caller = merged([
      client({ addresses: ["10.0.0.0/8"] }),
      user({ addresses: ["10.1.0.0/16", "192.0.2.0/24"] }),
    ]);
    expect(caller.addresses).toEqual(["10.1.0.0/16"]);
    expect(merged([client({ addresses: ["10.0.0.0/8"] }), user({ addresses: ["192.0.2.0/24"] })]).addresses).toEqual(
      [],
    );
  });

  test("never gets a role from its client, and is limited by the client's roles", () => {
    expect(merged([client({ roles: ["admin"] }), user()]).roles).toEqual([]);
    expect(merged([client({ roles: ["reader"] }), user({ roles: ["admin", "reader"] })]).roles).toEqual(["reader"]);
    expect(merged([client(), user({ roles: ["admin"] })]).roles).toEqual(["admin"]);
  });

  test("keeps its own attributes apart from its client's, and uses the client's usage plan", () => {
    const caller = merged([
      client({ attributes: { keyId: "k", email: "key@example.com" }, usageIdentifierKey: "of-the-client" }),
      user({ attributes: { email: "alice@example.com" }, usageIdentifierKey: "of-the-user" }),
    ]);
    expect(caller.attributes).toEqual({
      email: "alice@example.com",
      client_keyId: "k",
      client_email: "key@example.com",
    });
    expect(caller.usageIdentifierKey).toBe("of-the-client");
  });
});

test("a person's attribute does not stand where its client's would", () => {
  const caller = merged([
    client({ attributes: { plan: "gold" } }),
    user({ attributes: { client_tier: "x", client_plan: "y" } }),
  ]);
  expect(caller.attributes).toEqual({ client_plan: "gold" });
  expect(merged([user({ attributes: { client_tier: "x" } })]).attributes).toEqual({ client_tier: "x" });
});

describe("principals that are no one caller", () => {
  const conflict = { conflict: "principals_conflict" };

  test("two clients are refused", () => {
    expect(mergePrincipals([client(), client({ subject: "other" })], INTERSECT)).toEqual(conflict);
  });

  test("two users are refused, even if they look the same", () => {
    expect(mergePrincipals([user(), user({ provider: "saml" })], INTERSECT)).toEqual(conflict);
  });

  test("no principal is no caller", () => {
    expect(mergePrincipals([], INTERSECT)).toEqual(conflict);
  });

  const bySubject: MergeConfig = { scopes: "intersection", samePerson: { subject: true } };
  const byEmail: MergeConfig = { scopes: "intersection", samePerson: { attribute: "email" } };

  test("the same person proved twice is one person if configured so", () => {
    const caller = merged([user({ scopes: ["a"] }), user({ provider: "saml", scopes: ["a", "b"] })], bySubject);
    expect(caller).toMatchObject({ subject: "alice", scopes: ["a"] });
    const email = { attributes: { email: "alice@example.com" } };
    expect(merged([user(email), user({ ...email, subject: "a1", provider: "saml" })], byEmail).subject).toBe("alice");
  });

  test("has the attributes of the first alone", () => {
    const second = user({ provider: "saml", attributes: { admin: true, department: "finance" } });
    expect(merged([user({ attributes: { department: "sales" } }), second], bySubject).attributes).toEqual({
      department: "sales",
    });
  });

  test("has the roles and the tenant of the first alone: the second issuer gave its own for its own subject", () => {
    const second = user({ provider: "saml", roles: ["admin"], tenant: "acme" });
    const caller = merged([user(), second], bySubject);
    expect(caller.roles).toEqual([]);
    expect(caller).not.toHaveProperty("tenant");
  });

  test("a principal whose kind is not known counts as a person, not as a second client", () => {
    const caller = merged([client({ scopes: ["a"] }), user({ kind: "unknown", scopes: ["a", "b"] })]);
    expect(caller).toMatchObject({ subject: "alice", kind: "unknown", client: "partner", scopes: ["a"] });
    expect(mergePrincipals([user(), user({ kind: "unknown", provider: "saml" })], INTERSECT)).toEqual(conflict);
  });

  test("two people stay two, and an attribute that is missing makes nobody the same", () => {
    expect(mergePrincipals([user(), user({ subject: "bob" })], bySubject)).toEqual(conflict);
    expect(mergePrincipals([user(), user({ subject: "bob" })], byEmail)).toEqual(conflict);
    const empty = { attributes: { email: "" } };
    expect(mergePrincipals([user(empty), user({ ...empty, subject: "bob" })], byEmail)).toEqual(conflict);
  });
});

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
const principal = (kind: "user" | "client") =>
  fc.record(
    {
      kind: fc.constant(kind),
      scopes: names,
      roles: names,
      tenant: fc.constantFrom("acme", "globex"),
      addresses: fc.array(fc.constantFrom("10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"), { maxLength: 3 }),
      expiresAt: fc.integer({ min: NOW, max: NOW + 9999 }),
    },
    { requiredKeys: ["kind", "scopes", "roles"] },
  );

test("merging never adds power, whatever the principals", () => {
  fc.assert(
    fc.property(principal("user"), principal("client"), fc.ipV4(), (ofUser, ofClient, address) => {
      const both = [user(ofUser as Partial<Principal>), client(ofClient as Partial<Principal>)];
      const result = mergePrincipals(both, INTERSECT);
      if ("conflict" in result) return;
      const { caller } = result;
      for (const one of both) {
        if (one.scopes.length > 0) expect(one.scopes).toEqual(expect.arrayContaining([...caller.scopes]));
        if (one.tenant !== undefined) expect(caller.tenant ?? caller.clientTenant).toBe(one.tenant);
        if (one.expiresAt !== undefined) expect(caller.expiresAt).toBeLessThanOrEqual(one.expiresAt);
        if (one.addresses && caller.addresses && isInRanges(address, caller.addresses)) {
          expect(isInRanges(address, one.addresses)).toBe(true);
        }
      }
      expect(both[0]?.roles).toEqual(expect.arrayContaining([...caller.roles]));
      expect(both[0]?.scopes).toEqual(expect.arrayContaining([...caller.scopes]));
      expect(caller.tenant).toBe(both[0]?.tenant);
    }),
  );
});
