import { describe, expect, test } from "vitest";
import { rsaKey } from "../mint.ts";
import { type Claims, type Entry, judgeBy, key } from "./judge.ts";

// https://learn.microsoft.com/entra/identity-platform/access-tokens and access-token-claims-reference
const ACME = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const GLOBEX = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER = "82229342-1101-4ab6-817b-70c0747630f3";
const API = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
const v2 = (tid: string) => `https://login.microsoftonline.com/${tid}/v2.0`;
const v1 = (tid: string) => `https://sts.windows.net/${tid}/`;
const OID = "690222be-ff1a-4d56-abd1-7e4f7d38e474";

const user = {
  aud: API,
  iss: v2(ACME),
  azp: "75dbe77f-10a3-4e59-85fd-8c127544f17c",
  azpacr: "0",
  name: "Abe Lincoln",
  oid: OID,
  preferred_username: "abeli@example.com",
  scp: "Orders.Read openid",
  roles: ["Orders.Admin"],
  sub: "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
  tid: ACME,
  ver: "2.0",
};
const app = { ...user, sub: OID, scp: undefined, name: undefined, preferred_username: undefined };
const user1 = { ...user, iss: v1(ACME), appid: user.azp, azp: undefined, upn: "abeli@example.com", ver: "1.0" };

const single: Entry = { preset: "entra-v2", issuer: v2(ACME), audience: API };
const first: Entry = { preset: "entra-v1", issuer: v1(ACME), audience: API };
const several: Entry = { preset: "entra-v2", issuer: v2("{tenantid}"), tenantIds: [ACME, GLOBEX], audience: API };

describe("a token of one tenant", () => {
  test("of v2.0 proves the user, with delegated permissions as scopes and app roles as roles", async () => {
    expect(await judgeBy(single)(user)).toMatchObject({
      subject: OID,
      tenant: ACME,
      kind: "user",
      issuer: v2(ACME),
      scopes: ["Orders.Read", "openid"],
      roles: ["Orders.Admin"],
      attributes: { name: "Abe Lincoln", username: "abeli@example.com" },
    });
  });

  test("of v1.0 proves the user", async () => {
    expect(await judgeBy(first)(user1)).toMatchObject({
      subject: OID,
      kind: "user",
      issuer: v1(ACME),
      attributes: { username: "abeli@example.com" },
    });
  });

  test.each<[string, Claims]>([
    ["without idtyp", app],
    ["with idtyp", { ...app, idtyp: "app" }],
  ])("of an application, %s, proves a client", async (_what, claims) => {
    expect(await judgeBy(single)(claims)).toMatchObject({ subject: OID, kind: "client", scopes: [] });
  });

  test.each<[string, Entry, Claims, string]>([
    [
      "an ID token for the same application",
      single,
      { ...user, azp: undefined, scp: undefined },
      "token_claim_invalid",
    ],
    ["a v1.0 token by its version", single, { ...user, ver: "1.0" }, "token_claim_invalid"],
    ["a v1.0 token by its issuer", single, user1, "token_issuer_unknown"],
    ["a v2.0 token for the entry of v1.0", first, user, "token_issuer_unknown"],
    ["an ID token of v1.0", first, { ...user1, appid: undefined }, "token_claim_invalid"],
    ["a token of another tenant", single, { ...user, iss: v2(OTHER), tid: OTHER }, "token_issuer_unknown"],
    [
      "a token for another API",
      single,
      { ...user, aud: "00000003-0000-0000-c000-000000000000" },
      "token_audience_mismatch",
    ],
    ["a token of another client", { ...single, clientIds: ["x"] }, user, "token_client_not_allowed"],
  ])("refused is %s", async (_what, entry, claims, reason) => {
    expect(await judgeBy(entry)(claims)).toBe(reason);
  });
});

describe("a token of one of several tenants", () => {
  const judge = judgeBy(several);

  test.each([ACME, GLOBEX])("proves a caller of the issuer and the tenant %s", async (tid) => {
    expect(await judge({ ...user, iss: v2(tid), tid })).toMatchObject({ issuer: v2(tid), tenant: tid });
  });

  test.each<[string, Claims]>([
    ["of a tenant that is not listed", { iss: v2(OTHER), tid: OTHER }],
    ["whose issuer is of another listed tenant than its tid", { iss: v2(GLOBEX), tid: ACME }],
    ["whose issuer is of a tenant that is not listed, and its tid is", { iss: v2(OTHER), tid: ACME }],
    ["whose tid is not listed, and its issuer is", { iss: v2(ACME), tid: OTHER }],
    ["without tid", { tid: undefined }],
    ["whose tid is a list", { tid: [ACME] }],
    ["whose issuer is the template", { iss: v2("{tenantid}"), tid: ACME }],
    ["whose issuer and tid are the template", { iss: v2("{tenantid}"), tid: "{tenantid}" }],
    ["whose tid is in upper case", { iss: v2(ACME.toUpperCase()), tid: ACME.toUpperCase() }],
    ["of v1.0", { iss: v1(ACME) }],
  ])("is refused %s", async (_what, claims) => {
    expect(await judge({ ...user, ...claims })).toMatch(/^token_(issuer_unknown|claim_invalid)$/);
  });

  test("may have ids of tenants in upper case in the configuration", async () => {
    const upper = judgeBy({ ...several, tenantIds: [ACME.toUpperCase()] });
    expect(await upper(user)).toHaveProperty("tenant", ACME);
  });
});

describe("a key of Entra", () => {
  const own = rsaKey("own");
  const signedBy = (issuer: unknown, entry: Entry, claims: Claims = user) =>
    judgeBy(entry, [key.jwk, { ...own.jwk, ...(issuer !== undefined && { issuer }) }])(claims, {}, own);

  test.each<[string, unknown, Entry, Claims]>([
    ["for all tenants", v2("{tenantid}"), several, user],
    ["for the tenant", v2(ACME), several, user],
    ["without an issuer", undefined, several, user],
    ["for all tenants, and an entry of one", v2("{tenantid}"), single, user],
    ["for all tenants, by its v2.0 issuer, and a v1.0 token", v2("{tenantid}"), first, user1],
    ["for all tenants, by its v1.0 issuer, and a v1.0 token", v1("{tenantid}"), first, user1],
  ])("signs %s", async (_what, issuer, entry, claims) => {
    expect(await signedBy(issuer, entry, claims)).toHaveProperty("subject", OID);
  });

  test.each<[string, unknown, Entry]>([
    ["another tenant", v2(GLOBEX), several],
    ["private accounts", v2("9188040d-6c67-4c5b-b112-36a304b66dad"), several],
    ["another tenant, in an entry of one", v2(GLOBEX), single],
    ["v1.0 tokens", v1("{tenantid}"), several],
    ["an issuer that is no text", 5, several],
  ])("does not sign if it is for %s", async (_what, issuer, entry) => {
    expect(await signedBy(issuer, entry)).toBe("token_key_unknown");
  });

  test("of another issuer's set may have any issuer: only Entra gives it a meaning", async () => {
    const plain: Entry = { issuer: "https://id.example.com" };
    expect(
      await signedBy("https://other.example.com", plain, { iss: "https://id.example.com", sub: OID }),
    ).toHaveProperty("subject", OID);
  });
});
