import { describe, expect, test } from "vitest";
import { SAML_PRESETS, type SamlPreset } from "../../../../shared/domain/config/saml-presets.ts";
import { issue, judge, providerOf } from "../../../providers/saml/fixture.ts";

/** The attribute names of the products, written out independently of the presets. */
const SHAPES: Record<SamlPreset, Record<string, string | string[]>> = {
  entra: {
    "http://schemas.microsoft.com/identity/claims/tenantid": "acme",
    "http://schemas.microsoft.com/identity/claims/objectidentifier": "00000000-0000-0000-0000-000000000001",
    "http://schemas.microsoft.com/identity/claims/displayname": "Alice",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "alice@example.com",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role": ["admin"],
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups": ["staff"],
    "http://schemas.microsoft.com/claims/authnmethodsreferences": ["urn:oasis:names:tc:SAML:2.0:ac:classes:Password"],
  },
  okta: { tenant: "acme", email: "alice@example.com", name: "Alice", roles: "admin", groups: ["staff"] },
  keycloak: {
    tenant: "acme",
    "urn:oid:1.2.840.113549.1.9.1": "alice@example.com",
    name: "Alice",
    Role: ["admin"],
    member: ["staff"],
  },
  adfs: {
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "alice@example.com",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "Alice",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "alice@corp.example.com",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role": ["admin"],
    "http://schemas.xmlsoap.org/claims/Group": ["staff"],
  },
  google: { tenant: "acme", email: "alice@example.com", name: "Alice", roles: ["admin"], groups: ["staff"] },
  pingone: { tenant: "acme", email: "alice@example.com", name: "Alice", roles: ["admin"], groups: ["staff"] },
  shibboleth: {
    "urn:oid:1.3.6.1.4.1.25178.1.2.9": "acme",
    "urn:oid:0.9.2342.19200300.100.1.3": "alice@example.com",
    "urn:oid:2.16.840.1.113730.3.1.241": "Alice",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "alice@corp.example.com",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": ["admin"],
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1": ["staff"],
  },
};

describe("in an assertion from", () => {
  test.each(Object.keys(SAML_PRESETS) as SamlPreset[])(
    "%s, the preset finds tenant, e-mail, name, roles and groups",
    async (preset) => {
      const credential = issue({ attributes: SHAPES[preset] }, { encoding: "deflate" });
      expect(await judge(credential, providerOf({ preset }))).toMatchObject({
        subject: "alice@example.com",
        ...("tenant" in SAML_PRESETS[preset] && { tenant: "acme" }),
        roles: ["admin", "staff"],
        attributes: { email: "alice@example.com", name: "Alice" },
      });
    },
  );
});

describe("an entry can override in a preset", () => {
  const attributes = {
    tenant: "acme",
    organisation: "globex",
    email: "a@b",
    mail: "c@d",
    groups: ["staff"],
    extra: "1",
  };
  const credential = issue({ attributes }, { encoding: "deflate" });
  const by = (own: object) => judge(credential, providerOf({ preset: "okta", attributes: own }));

  test("the attribute of the tenant", async () => {
    expect(await by({ tenant: "organisation" })).toMatchObject({ tenant: "globex", roles: ["staff"] });
  });

  test("the attribute of the subject", async () => {
    expect(await by({ subject: "email" })).toMatchObject({ subject: "a@b", tenant: "acme" });
  });

  test("the attributes of roles, also with none", async () => {
    expect(await by({ roles: [] })).toMatchObject({ roles: [], tenant: "acme" });
  });

  test("the attributes for the backend, name by name", async () => {
    expect(await by({ attributes: { extra: "extra" } })).toMatchObject({ attributes: { email: "a@b", extra: "1" } });
    expect(await by({ attributes: { email: "mail" } })).toMatchObject({ attributes: { email: "c@d" } });
  });
});
