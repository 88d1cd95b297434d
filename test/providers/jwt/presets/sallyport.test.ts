import { expect, test } from "vitest";
import { judgeBy, NOW } from "./judge.ts";

// docs/federation.md: what `functions/federation` puts into its tokens.
const LOGIN = "https://login.example.com";
const claims = {
  ...{ iss: LOGIN, sub: "acme:alice", aud: "https://api.example.com", client_id: "web", jti: "id", tenant: "acme" },
  ...{ scope: "orders:read orders:write", roles: ["buyer"], kind: "user" },
};
const judge = judgeBy({ preset: "sallyport", issuer: LOGIN, audience: "https://api.example.com" });
const accessToken = { typ: "at+jwt" };

test("a token of the login proves what the login has verified", async () => {
  expect(await judge(claims, accessToken)).toMatchObject({
    ...{ issuer: LOGIN, subject: "acme:alice", kind: "user", kindFrom: "claim", tenant: "acme", tokenId: "id" },
    ...{ scopes: ["orders:read", "orders:write"], roles: ["buyer"], expiresAt: NOW + 600 },
  });
});

test("a token for an API key proves a client, although its subject is not its client_id", async () => {
  const key = { ...claims, sub: "partners:partner-7", client_id: "gateway", kind: "client" };
  expect(await judge(key, accessToken)).toMatchObject({ kind: "client" });
});

test("a token for a credential that is limited to addresses is limited to them too", async () => {
  const limited = { ...claims, addresses: ["192.0.2.0/24", "2001:db8::1/128"] };
  expect(await judge(limited, accessToken)).toMatchObject({ addresses: ["192.0.2.0/24", "2001:db8::1/128"] });
  expect(await judge(claims, accessToken)).not.toHaveProperty("addresses");
});

test.each([
  ["another type, such as an ID token", claims, { typ: "JWT" }, "token_type_not_allowed"],
  ["no client", { ...claims, client_id: undefined }, accessToken, "token_claim_invalid"],
  ["a kind that is none", { ...claims, kind: "admin" }, accessToken, "token_claim_invalid"],
  ["a range that cannot be read", { ...claims, addresses: ["anywhere"] }, accessToken, "token_claim_invalid"],
  ["one range that is no list", { ...claims, addresses: "0.0.0.0/0" }, accessToken, "token_claim_invalid"],
  ["another issuer", { ...claims, iss: "https://evil.example" }, accessToken, "token_issuer_unknown"],
])("a token with %s is refused", async (_, changed, header, reason) => {
  expect(await judge(changed, header)).toBe(reason);
});

test("a token without a kind opens no rule that asks for one", async () => {
  expect(await judge({ ...claims, kind: undefined }, accessToken)).toMatchObject({ kind: "unknown" });
});
