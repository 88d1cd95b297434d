import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextOf, identificationOf, principalIdOf } from "../../../../shared/domain/caller/context.ts";
import { callerOf, client, user } from "../../../fixtures.ts";

describe("contextOf", () => {
  test("tells a backend who calls, in flat values", () => {
    const caller = callerOf({
      client: "partner",
      scopes: ["orders:read", "orders:write"],
      roles: ["admin"],
      expiresAt: 1_800_000_000,
      attributes: { email: "alice@example.com", level: 3, verified: true },
      principals: [user(), client()],
    });
    expect(contextOf(caller)).toEqual({
      subject: "alice",
      kind: "user",
      issuer: "https://id.example.com",
      tenant: "acme",
      clientId: "partner",
      scopes: "orders:read orders:write",
      roles: "admin",
      providers: "jwt api-key",
      expiresAt: 1_800_000_000,
      email: "alice@example.com",
      level: 3,
      verified: true,
    });
  });

  test("a role with a space or a quote stays one role", () => {
    const { roles } = contextOf(callerOf({ roles: ["Domain Admins", 'a"b', "100%"] }));
    expect(roles).toBe("Domain%20Admins a%22b 100%25");
  });

  test("an attribute's text is encoded, and a number and a boolean are left as they are", () => {
    const attributes = { quoted: 'a"b\n', level: 3, verified: false };
    expect(contextOf(callerOf({ attributes }))).toMatchObject({ quoted: "a%22b%0A", level: 3, verified: false });
  });

  test("what the caller does not have is absent, and is not the text undefined", () => {
    const { tenant: _, ...caller } = callerOf();
    const context = contextOf(caller);
    for (const name of ["tenant", "clientId", "clientTenant"]) expect(context).not.toHaveProperty(name);
  });

  test("an attribute never takes the place of what the authorizer says", () => {
    expect(contextOf(callerOf({ attributes: { subject: "root" } })).subject).toBe("alice");
  });

  test("of a provider's own attributes, names and values that a context cannot hold are left out", () => {
    const attributes = {
      ...{ reason: "x", principalId: "x", integrationLatency: 1, tenant: "globex", claims: "x", clientId: "root" },
      ...{ "a-b": "x", "1a": "x", "": "x", ["a".repeat(65)]: "x", "x\ny": "x" },
      ...{ list: ["x"], object: {}, nothing: null, wrong: Number.NaN, half: "a\ud800" },
      email: "alice@example.com",
    };
    const { tenant: _, ...caller } = callerOf({ attributes: attributes as never });
    expect(Object.keys(contextOf(caller)).sort()).toEqual(
      ["email", "expiresAt", "issuer", "kind", "providers", "roles", "scopes", "subject"].sort(),
    );
  });

  test("any text comes back by percent-decoding and is plain ASCII without quotes on the way", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string({ minLength: 1 })), (subject, roles) => {
        const context = contextOf(callerOf({ subject, roles }));
        expect(context.subject).toMatch(/^[\x20-\x7e]*$/);
        expect(context.subject).not.toMatch(/["\\]/);
        expect(decodeURIComponent(String(context.subject))).toBe(subject.toWellFormed());
        const back = String(context.roles).split(" ").map(decodeURIComponent);
        expect(back).toEqual(roles.length > 0 ? roles.map((role) => role.toWellFormed()) : [""]);
      }),
    );
  });
});

describe("what an answer says of the caller", () => {
  test("is its name across issuers and its context, and the reason of a refusal", () => {
    const caller = callerOf({ tenant: "acme" });
    expect(identificationOf(caller)).toEqual({
      principalId: "https://id.example.com|alice",
      context: contextOf(caller),
    });
    expect(identificationOf(caller).context).not.toHaveProperty("reason");
    expect(identificationOf(caller, "route_denied").context).toEqual({ ...contextOf(caller), reason: "route_denied" });
  });

  test("is the key of a usage plan where there is one, even an empty one", () => {
    expect(identificationOf(callerOf())).not.toHaveProperty("usageIdentifierKey");
    expect(identificationOf(callerOf({ usageIdentifierKey: "plan" })).usageIdentifierKey).toBe("plan");
    expect(identificationOf(callerOf({ usageIdentifierKey: "" })).usageIdentifierKey).toBe("");
  });
});

test("the principal id is unique across issuers", () => {
  expect(principalIdOf(callerOf())).toBe("https://id.example.com|alice");
  expect(principalIdOf(callerOf({ issuer: "https://other.example.com" }))).not.toBe(principalIdOf(callerOf()));
});
