import { describe, expect, test } from "vitest";
import { assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, identity, issue, judge, OPTIONS, providerOf, RECIPIENT, stranger } from "./fixture.ts";

describe("accepts", () => {
  test.each([
    ["a bare assertion", {}],
    ["a bare assertion, deflated", { encoding: "deflate" }],
    ["a Response with a signed assertion", { message: "response" }],
    ["a signed Response", { message: "response", sign: ["response"] }],
    ["a Response with both signatures", { message: "response", sign: ["assertion", "response"] }],
    [
      "a Response with both signatures, deflated",
      { message: "response", sign: ["assertion", "response"], encoding: "deflate" },
    ],
  ] as const)("%s", async (_what, form) => {
    expect(await judge(issue({}, form))).toEqual({
      provider: "saml",
      subject: "alice@example.com",
      kind: "user",
      kindFrom: "assertion",
      issuer: ISSUER,
      scopes: [],
      roles: [],
      authentication: { contextClass: "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", time: NOW },
      issuedAt: NOW,
      tokenId: "_assertion",
      expiresAt: NOW + 300,
      attributes: {},
    });
  });

  test("a signature by any of the identity provider's certificates during a key rotation", async () => {
    const both = providerOf({ certificates: [stranger.certificate, identity.certificate] });
    expect(await judge(issue(), both)).toHaveProperty("subject");
    expect(await judge(issue({}, {}, stranger), both)).toHaveProperty("subject");
  });

  test("a certificate in base64 without PEM", async () => {
    const bare = identity.certificate.replace(/-----.*-----|\s/g, "");
    expect(await judge(issue(), providerOf({ certificates: [bare] }))).toHaveProperty("subject");
  });

  test("the assertions of each identity provider with its own certificate", async () => {
    const other = { issuer: "https://other.example.com", certificates: [stranger.certificate] };
    const mine = { issuer: ISSUER, certificates: [identity.certificate] };
    const several = providerOf({}, { identityProviders: [other, mine] });
    expect(await judge(issue(), several)).toHaveProperty("issuer", ISSUER);
    expect(await judge(issue({ issuer: other.issuer }, {}, stranger), several)).toHaveProperty("issuer", other.issuer);
    expect(await judge(issue({ issuer: other.issuer }), several)).toBe("assertion_signature_invalid");
  });

  test("SHA-1 only if the entry allows it", async () => {
    const old = encodeXml(signXml(assertionXml(OPTIONS), "_assertion", identity, { algorithm: "rsa-sha1" }));
    expect(await judge(old)).toBe("assertion_algorithm_not_allowed");
    expect(await judge(old, providerOf({ algorithms: ["rsa-sha1"] }))).toHaveProperty("subject");
  });
});

describe("the principal has attributes", () => {
  const attributes = {
    tenant: "acme",
    groups: ["Domain Admins", "readers"],
    permissions: ["orders:read orders:write", "profile"],
    mail: "alice@example.com",
    uid: "a-1",
  };
  const mapping = {
    subject: "uid",
    tenant: "tenant",
    roles: ["groups", "absent"],
    scopes: ["permissions"],
    attributes: { email: "mail", phone: "absent" },
  };

  test("with the names of the configuration", async () => {
    expect(await judge(issue({ attributes }), providerOf({ attributes: mapping }))).toMatchObject({
      subject: "a-1",
      tenant: "acme",
      roles: ["Domain Admins", "readers"],
      scopes: ["orders:read", "orders:write", "profile"],
      attributes: { email: "alice@example.com" },
    });
  });

  test("and the fixed values of the configuration", async () => {
    const fixed = { tenant: "globex", scopes: ["base"], roles: ["guest"] };
    expect(await judge(issue({ attributes }), providerOf({ attributes: mapping, fixed }))).toMatchObject({
      tenant: "globex",
      scopes: ["base", "orders:read", "orders:write", "profile"],
      roles: ["guest", "Domain Admins", "readers"],
    });
  });

  test("of which the subject must be present and a plain text", async () => {
    expect(await judge(issue(), providerOf({ attributes: { subject: "uid" } }))).toBe("assertion_subject_missing");
    expect(await judge(issue({ subject: "a&b<c>'\"" }))).toHaveProperty("subject", "a&b<c>'\"");
  });
});

const namingAddress = (address: string) => {
  const recipient = `Recipient="${RECIPIENT}"`;
  const xml = assertionXml(OPTIONS).replace(recipient, `${recipient} Address="${address}"`);
  return encodeXml(signXml(xml, "_assertion", identity));
};

test.each(["203.0.113.0/24", "203.0.113.7/32", "0.0.0.0/0", "::/0", "host.example", ""])(
  "refuses the Address %j, which is not one IP address",
  async (address) => {
    expect(await judge(namingAddress(address), providerOf())).toBe("assertion_address_mismatch");
  },
);

test("accepts an assertion with the caller's Address and refuses another", async () => {
  const credential = namingAddress("203.0.113.7");
  const by = providerOf();
  expect(await judge(credential, by)).toHaveProperty("subject");
  const elsewhere = { source: { address: "203.0.113.8", viaVpcEndpoint: false } };
  expect(await judge(credential, by, elsewhere)).toBe("assertion_address_mismatch");
  expect(await judge(credential, by, { source: { viaVpcEndpoint: false } })).toBe("assertion_address_mismatch");
});

test.each([
  ["203.0.113.7", "203.0.113.7", "203.0.113.7/32"],
  ["::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7/32"],
  ["2001:DB8:0::1", "2001:db8::1", "2001:db8::1/128"],
])("limits the principal to the Address %j", async (named, address, range) => {
  const source = { address, viaVpcEndpoint: false };
  expect(await judge(namingAddress(named), providerOf(), { source })).toHaveProperty("addresses", [range]);
});

test("sets no address limit for an assertion without Address", async () => {
  expect(await judge(issue(), providerOf())).not.toHaveProperty("addresses");
});

test("refuses a certificate that is expired, not yet valid or has a key of less than 2048 bits", async () => {
  const dated = await createSigningIdentity({ from: NOW, until: NOW + 60 });
  const by = providerOf({ certificates: [dated.certificate] });
  const at = (time: number) => judge(issue({ time: NOW }, {}, dated), by, { time });
  expect(await at(NOW - 1)).toBe("assertion_certificate_invalid");
  expect(await at(NOW)).toHaveProperty("subject");
  expect(await at(NOW + 59)).toHaveProperty("subject");
  expect(await at(NOW + 60)).toBe("assertion_certificate_invalid");
  const small = await createSigningIdentity({ keySize: 1024 });
  expect(await judge(issue({}, {}, small), providerOf({ certificates: [small.certificate] }))).toBe(
    "assertion_algorithm_not_allowed",
  );
});
