import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness, ISSUER, REDIRECT, RESOURCE } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness();
});
afterAll(() => login.close());

test("a person logs in, and the application gets a token of five minutes", async () => {
  const begun = await login.begin();
  expect(begun.request).toContain(`AssertionConsumerServiceURL="${ISSUER}/saml/acme/acs"`);
  expect(begun.cookie).toMatch(/^__Host-login-[\w-]{10}=[\w-]{43}$/);
  expect(Buffer.byteLength(begun.relayState)).toBeLessThanOrEqual(80);

  const answer = await login.post(begun, login.respond(begun));
  expect(answer.status).toBe(303);
  expect(answer.headers.Location).toMatch(new RegExp(`^${REDIRECT}\\?code=`));
  expect(Object.fromEntries(answer.to)).toEqual({ code: expect.any(String), state: "a-state", iss: ISSUER });

  const token = await login.redeem({ code: answer.to.get("code") ?? "", verifier: begun.verifier });
  expect(token).toMatchObject({ status: 200, json: { token_type: "Bearer", expires_in: 300 } });
  const text = String(token.json.access_token);
  expect(decodeProtectedHeader(text)).toMatchObject({ alg: "RS256", typ: "at+jwt", kid: expect.any(String) });
  expect(decodeJwt(text)).toEqual({
    ...{ iss: ISSUER, sub: "acme:alice", aud: RESOURCE, client_id: "web", tenant: "acme", kind: "user" },
    ...{ scope: "orders:read orders:write", roles: ["buyer", "admin"], jti: expect.any(String) },
    ...{ iat: NOW, exp: NOW + 300 },
  });
  expect(login.events.map(({ name }) => name)).toContain("LoginSucceeded");
});

describe("a second use is refused", () => {
  test("of a code, and the token of the first use is revoked", async () => {
    const done = await login.login();
    const first = await login.redeem(done);
    expect(await login.redeem(done)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect(login.revoked).toContain(decodeJwt(String(first.json.access_token)).jti);
    expect(login.events.at(-1)?.name).toBe("CodeReplayed");
  });

  test("of a login, by two posts at the same time: one gets a code", async () => {
    const begun = await login.begin();
    const answers = await Promise.all([1, 2, 3, 4].map(() => login.post(begun, login.respond(begun))));
    expect(answers.filter(({ to }) => to.has("code"))).toHaveLength(1);
  });
});
