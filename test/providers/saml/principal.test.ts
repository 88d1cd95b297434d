import { describe, expect, test } from "vitest";
import { readAttributes } from "../../../providers/saml/attributes.ts";
import { principalOf } from "../../../providers/saml/principal.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import type { SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { NOW } from "../../fixtures.ts";

const ISSUER = "https://idp.example.com";

const FACTS = { nameId: "alice", issuedAt: NOW, expiresAt: NOW + 300 };
const refused = (reason: string) => expect.objectContaining({ reason });
const INVALID = refused("assertion_attribute_invalid");

/** The principal of an assertion with these attributes. */
function principal(
  sent: Readonly<Record<string, readonly string[]>>,
  mapping: Partial<SamlIdentityProvider["attributes"]> = {},
  fixed: SamlIdentityProvider["fixed"] = {},
  facts: Parameters<typeof principalOf>[0] = FACTS,
) {
  const values = (texts: readonly string[]) => texts.map((text) => `<AttributeValue>${text}</AttributeValue>`).join("");
  const all = Object.entries(sent).map(([name, texts]) => `<Attribute Name="${name}">${values(texts)}</Attribute>`);
  const statement = `<AttributeStatement>${all.join("")}</AttributeStatement>`;
  const attributes = readAttributes(parseXml(`<Assertion xmlns="${NAMESPACES.assertion}">${statement}</Assertion>`));
  const entry = { issuer: ISSUER, attributes: { roles: [], scopes: [], attributes: {}, ...mapping }, fixed };
  return principalOf(facts, attributes, entry as unknown as SamlIdentityProvider);
}

test("the id of the assertion is that of the token, by which it can be revoked", () => {
  expect(principal({}, {}, {}, { ...FACTS, id: "_a1" })).toHaveProperty("tokenId", "_a1");
  expect(principal({}, {}, {}, { ...FACTS, id: "" })).not.toHaveProperty("tokenId");
});

test("a principal has what the assertion says, and nothing that it does not say", () => {
  expect(principal({ other: ["x"] })).toStrictEqual({
    ...{ provider: "saml", subject: "alice", kind: "user", kindFrom: "assertion", issuer: ISSUER },
    ...{ scopes: [], roles: [], issuedAt: NOW, expiresAt: NOW + 300, attributes: {} },
  });
  const bound = principal({}, {}, {}, { ...FACTS, address: "203.0.113.7/32" });
  expect(bound.addresses).toEqual(["203.0.113.7/32"]);
});

describe("the subject", () => {
  test("is the NameID, unless an attribute is to name it", () => {
    expect(principal({ uid: ["a-1"] }).subject).toBe("alice");
    expect(principal({ uid: ["a-1"] }, { subject: "uid" }).subject).toBe("a-1");
    expect(() => principal({}, { subject: "uid" })).toThrow(refused("assertion_subject_missing"));
  });

  test("must be there", () => {
    const { nameId: _, ...without } = FACTS;
    expect(() => principal({}, {}, {}, without)).toThrow(refused("assertion_subject_missing"));
  });
});

describe("the tenant", () => {
  test("is that of the attribute, without white space at its edges", () => {
    expect(principal({ t: [" acme\n"] }, { tenant: "t" }).tenant).toBe("acme");
    for (const none of [{}, { t: [""] }, { t: [" "] }]) {
      expect(principal(none, { tenant: "t" })).not.toHaveProperty("tenant");
    }
  });

  test("is that of the configuration, whatever the attribute says", () => {
    expect(principal({ t: ["acme"] }, { tenant: "t" }, { tenant: "globex" }).tenant).toBe("globex");
  });

  test("that is no name is refused", () => {
    expect(() => principal({ t: ["ac&#10;me"] }, { tenant: "t" })).toThrow(INVALID);
    expect(() => principal({ t: ["acme", "globex"] }, { tenant: "t" })).toThrow(INVALID);
  });
});

describe("scopes and roles", () => {
  test("are those of the configuration and of all named attributes, each once", () => {
    const { scopes, roles } = principal(
      { s: ["read  write", "read"], more: [" base list "], r: ["admin", "guest"] },
      { scopes: ["s", "more"], roles: ["r", "absent"] },
      { scopes: ["base"], roles: ["guest"] },
    );
    expect(scopes).toEqual(["base", "read", "write", "list"]);
    expect(roles).toEqual(["guest", "admin"]);
  });

  test("that are no scopes or names are refused, also one among good ones", () => {
    expect(() => principal({ s: ['read wri"te'] }, { scopes: ["s"] })).toThrow(INVALID);
    expect(() => principal({ r: ["admin", "gu&#10;est"] }, { roles: ["r"] })).toThrow(INVALID);
  });
});

test("other attributes have the names of the configuration, without white space, and those that are absent are left out", () => {
  const mapping = { attributes: { email: "mail", phone: "absent", note: "empty" } };
  const { attributes } = principal({ mail: [" alice@example.com "], empty: [" "] }, mapping);
  expect(attributes).toStrictEqual({ email: "alice@example.com" });
});
