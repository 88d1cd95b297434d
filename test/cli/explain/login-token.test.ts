import { describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { mint, rsaKey } from "../../providers/jwt/mint.ts";
import { expectationsIn, withCredential } from "./explained.ts";

/* What `explain` says of a token of the login (preset `sallyport`). */

const LOGIN = "https://login.acme.test";
const key = rsaKey();
const config = {
  jwt: {
    issuers: [
      {
        ...({ preset: "sallyport", issuer: LOGIN, audience: "https://api.acme.test" } as const),
        keys: { jwks: { keys: [key.jwk as { kty: string }] } },
      },
    ],
  },
  routes: [
    { name: "orders", methods: ["GET" as const], paths: ["/orders"], scopes: { allOf: ["orders:read"] } },
    { name: "whoami", methods: ["GET" as const], paths: ["/whoami"], kind: "user" as const },
  ],
};
const token = (changed: object = {}, header: object = {}) =>
  mint(
    key,
    {
      ...{ iss: LOGIN, sub: "acme:alice", aud: "https://api.acme.test", client_id: "web", jti: "id", tenant: "acme" },
      ...{ scope: "orders:read", roles: ["buyer"], kind: "user", iat: NOW - 10, exp: NOW + 300, ...changed },
    },
    { typ: "at+jwt", ...header },
  );
const explain = (changed: object = {}, header: object = {}) =>
  withCredential(config, `Bearer ${token(changed, header)}`);

test("an accepted token: whose it is, what it may, and which rules open", async () => {
  const { explanation, stdout } = await explain();
  expect(explanation.outcome).toBe("allow");
  expect(explanation.credentials[0]).toMatchObject({ provider: "jwt", verdict: "authenticated" });
  for (const part of [LOGIN, "acme:alice", "acme", "orders:read", "buyer"]) expect(stdout).toContain(part);
});

test("a token that is limited to addresses shows them", async () => {
  expect((await explain({ addresses: ["192.0.2.0/24"] })).stdout).toContain("192.0.2.0/24");
});

describe("a refused token: what was expected, and what was found:", () => {
  test.each([
    ["an ID token", {}, { typ: "JWT" }, "token_type_not_allowed", /typ \(header\): "at\+jwt"/],
    ["for another resource", { aud: "https://other.test" }, {}, "token_audience_mismatch", /aud: .*api\.acme\.test/],
    ["ended", { exp: NOW - 60 }, {}, "token_expired", /exp: /],
    ["no client", { client_id: undefined }, {}, "token_claim_invalid", /client_id: /],
    ["a kind that is none", { kind: "admin" }, {}, "token_claim_invalid", /kind \(kind\): .*user.* \/ "admin"/],
    ["addresses that are no list", { addresses: "0.0.0.0/0" }, {}, "token_claim_invalid", /addresses \(addresses\): /],
    ["another key", {}, { kid: "k2" }, "token_key_unknown", /kid: .*k1/],
    ["another login", { iss: "https://login2.acme.test" }, {}, "token_issuer_unknown", /iss: .*login\.acme\.test/],
  ])("%s", async (_, changed, header, reason, expected) => {
    const { explanation } = await explain(changed, header);
    expect(explanation.credentials[0]).toMatchObject({ reason });
    expect(expectationsIn(explanation).join("\n")).toMatch(expected);
  });
});
