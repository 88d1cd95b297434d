import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";

vi.hoisted(() => {
  process.env.POWERTOOLS_METRICS_DISABLED = "true";
});

import { createHandler } from "../functions/authorizer/create-handler.ts";
import { evaluate } from "../iam/evaluate.ts";
import { requestEvent } from "../local/events/rest.ts";
import { issueSamlCredential } from "../local/stage/saml/identity-provider.ts";
import { generateApiKey } from "../providers/api-key/format.ts";
import { apiKeyProvider } from "../providers/api-key/index.ts";
import { createProviders } from "../providers/registry.ts";
import type { SallyportConfig } from "../shared/domain/config/schema.ts";
import { instant } from "../shared/domain/policy/document.ts";
import { logger } from "../shared/infrastructure/telemetry/telemetry.ts";
import { configOf, NOW, requestFor, UNCACHED } from "./fixtures.ts";
import { lambdaContext } from "./functions/authorizer/lambda-context.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "./providers/jwt/mint.ts";
import * as saml from "./providers/saml/fixture.ts";

/**
 * What SECURITY.md says always holds, tested through the function's handler. The details are tested beside each
 * folder's tests.
 */

const key = rsaKey();
const DOWN = "https://down.example.com";
const ADDRESS = "192.0.2.1";

const config: Partial<SallyportConfig> = {
  jwt: {
    issuers: [
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: { jwks: { keys: [key.jwk as { kty: string }] } },
        claims: { tenant: "tenant" },
      },
      { issuer: DOWN, audience: AUDIENCE, keys: { jwksUri: "http://127.0.0.1:9/keys" } },
    ],
  },
  saml: {
    audience: saml.AUDIENCE,
    recipients: saml.RECIPIENT,
    identityProviders: [
      { issuer: saml.ISSUER, certificates: [saml.identity.certificate], attributes: { scopes: ["scopes"] } },
    ],
  },
  merge: { samePerson: { subject: true } },
  routes: [
    { name: "whoami", methods: ["GET"], paths: ["/whoami"] },
    { name: "own", methods: ["GET"], paths: ["/tenants/{tenant}/orders"], scopes: { allOf: ["read"] } },
  ],
};
const checked = configOf(config);
const handler = createHandler(checked, createProviders(checked), UNCACHED);

const info = vi.spyOn(logger, "info").mockImplementation(() => {});
const error = vi.spyOn(logger, "error").mockImplementation(() => {});
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  return () => vi.useRealTimers();
});
afterEach(() => vi.clearAllMocks());

const jwt = (overrides: Record<string, unknown> = {}) => `Bearer ${mint(key, claims(overrides))}`;
const assertion = (time = NOW, attributes: Partial<typeof saml.OPTIONS> = {}) =>
  `SAML ${issueSamlCredential(saml.identity, { ...saml.OPTIONS, time, subject: "alice", ...attributes })}`;

async function call(authorization: string, path = "/whoami") {
  const headers = { Authorization: authorization };
  const event = requestEvent({
    method: "GET",
    path,
    resource: path,
    stage: "prod",
    address: ADDRESS,
    time: NOW,
    headers,
  });
  const answer = await handler(event, lambdaContext()).then(
    (result) => ({ result, thrown: undefined }),
    (thrown: Error) => ({ result: undefined, thrown }),
  );
  const [line] = [...info.mock.calls, ...error.mock.calls].at(-1)?.slice(1) ?? [];
  const reason = (line as { reason?: string } | undefined)?.reason;
  const effectOf = (other: { path?: string; address?: string; time?: number } = {}) =>
    answer.result &&
    evaluate(answer.result.policyDocument, {
      resource: event.methodArn.replace(path, other.path ?? path),
      context: { "aws:sourceip": other.address ?? ADDRESS, "aws:currenttime": instant(other.time ?? NOW) },
    }).effect;
  return { ...answer, message: answer.thrown?.message, reason, effectOf };
}

test("1. the provider that recognises a credential owns it: a bad JWT is not tried as a SAML assertion", async () => {
  expect(await call(jwt({ exp: NOW }))).toMatchObject({ message: "Unauthorized", reason: "token_expired" });
  expect(await call("Bearer PEFzc2VydGlvbj4")).toMatchObject({
    message: "Unauthorized",
    reason: expect.stringMatching(/^assertion_/),
  });
  expect(await call("Basic eDp5")).toMatchObject({ message: "Unauthorized", reason: "credential_unrecognised" });
});

test("2. one rejected credential rejects the request, even beside valid ones", async () => {
  expect((await call(`${jwt()}, ${assertion()}`)).effectOf()).toBe("allow");
  expect(await call(`${jwt()}, ${assertion(NOW - 900)}`)).toMatchObject({
    message: "Unauthorized",
    reason: "assertion_expired",
  });
  expect(await call(`${jwt({ exp: NOW })}, ${assertion()}`)).toMatchObject({
    message: "Unauthorized",
    reason: "token_expired",
  });
});

test("3. trouble is no decision: it gives neither an Allow nor a Deny, which would be cached", async () => {
  const trouble = { result: undefined, message: "unavailable", reason: "key_set_unavailable" };
  expect(await call(jwt({ iss: DOWN }))).toMatchObject(trouble);
  expect(await call(`${jwt({ iss: DOWN })}, ${assertion()}`)).toMatchObject(trouble);
});

test("4. an unknown caller gets Unauthorized, and a known caller without the right gets an explicit Deny with its reason", async () => {
  expect(await call("")).toMatchObject({ message: "Unauthorized", reason: "credential_missing" });
  const denied = await call(jwt(), "/secret");
  expect(denied.effectOf()).toBe("explicit-deny");
  expect(denied.result?.context).toMatchObject({ reason: "route_not_granted" });
});

test("5. a policy ends with the credential that ends first, and allows only the caller's address", async () => {
  const { effectOf } = await call(`${jwt({ exp: NOW + 60 })}, ${assertion()}`);
  expect([NOW + 59, NOW + 60].map((time) => effectOf({ time }))).toEqual(["allow", "explicit-deny"]);
  expect(effectOf({ address: "192.0.2.2" })).toBe("explicit-deny");
});

describe("6. a policy is complete and minimal", () => {
  test("names every route that the caller may use, and no other, whatever route is requested", async () => {
    for (const path of ["/whoami", "/tenants/acme/orders", "/secret"]) {
      const { effectOf } = await call(jwt({ tenant: "acme", scope: "read" }), path);
      expect(effectOf({ path: "/whoami" })).toBe("allow");
      expect(effectOf({ path: "/tenants/acme/orders" })).toBe("allow");
      expect(effectOf({ path: "/tenants/globex/orders" })).toBe("explicit-deny");
    }
  });

  test.each(["*", "a*", "a/b", "a?", "$" + "{x}", "..", ""])("a claim of %j opens no route", async (tenant) => {
    const { effectOf, result } = await call(jwt({ tenant, scope: "read" }));
    const path = "/tenants/acme/orders";
    expect(result === undefined || effectOf({ path }) === "explicit-deny").toBe(true);
    if (result) expect(JSON.stringify(result.policyDocument)).not.toContain("/tenants/");
  });
});

test("7. merging never adds power: a scope that only one of two scope lists has is dropped", async () => {
  const path = "/tenants/acme/orders";
  const scoped = jwt({ tenant: "acme", scope: "read" });
  expect((await call(scoped, path)).effectOf()).toBe("allow");
  const other = assertion(NOW, { attributes: { scopes: ["write"] } });
  expect((await call(`${scoped}, ${other}`, path)).effectOf()).toBe("explicit-deny");
  expect((await call(`${scoped}, ${assertion(NOW, { attributes: { scopes: ["read"] } })}`, path)).effectOf()).toBe(
    "allow",
  );
});

test("8. secrets never leave: no log line and no error contains a part of a credential or a claim", async () => {
  const tokens = [
    jwt({ tenant: "acme" }),
    jwt({ exp: NOW }),
    jwt({ iss: DOWN }),
    jwt({ aud: "https://other.example.com" }),
    jwt({ sub: "alice", tenant: { nested: "acme" } }),
    `Bearer ${mint(rsaKey(), claims())}`,
    assertion(),
    assertion(NOW - 900),
    `${assertion().slice(0, -40)}`,
    "Bearer eyJhbGciOiJub25lIn0.e30.",
  ];
  for (const token of tokens) {
    for (const path of ["/whoami", "/secret"]) {
      const { thrown } = await call(token, path);
      const text = JSON.stringify([info.mock.calls, error.mock.calls, thrown?.message, thrown?.stack, thrown?.cause]);
      const parts = token.split(/[ .]/).filter(({ length }) => length > 6);
      for (const secret of [...parts, "alice", "acme", "other.example.com", ADDRESS])
        expect(text).not.toContain(secret);
    }
  }
});

test("9. bounds come first: a key with a bad checksum or too many characters causes no database read", async () => {
  const openStore = vi.fn();
  const { apiKeys } = configOf({ apiKeys: { table: "t", peppers: [{ id: "p1", secret: { environment: "NONE" } }] } });
  if (!apiKeys) throw new Error("no section");
  const { text } = generateApiKey("sp", "live");
  const mistyped = `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`;
  const judge = (value: string) => {
    const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
    return apiKeyProvider(apiKeys, { openStore }).verify(
      credential,
      requestFor("GET", "/a"),
      new AbortController().signal,
    );
  };
  expect(await judge(mistyped)).toMatchObject({ reason: "key_checksum_mismatch" });
  expect(await judge(text + "0".repeat(9000))).toMatchObject({ reason: "credential_too_large" });
  expect(openStore).not.toHaveBeenCalled();
  expect(await call(`Bearer ey${".".repeat(9000)}`)).toMatchObject({ reason: "credential_too_large" });
  expect(await call(`SAML ${"P".repeat(11_000)}`)).toMatchObject({ reason: "credential_too_large" });
});

test("10. time is read once, from Date: a token is refused from the second of its exp", async () => {
  expect((await call(jwt({ exp: NOW + 1 }))).effectOf()).toBe("allow");
  expect(await call(jwt({ exp: NOW }))).toMatchObject({ message: "Unauthorized", reason: "token_expired" });
  vi.setSystemTime((NOW + 1) * 1000);
  expect(await call(jwt({ exp: NOW + 1 }))).toMatchObject({ message: "Unauthorized", reason: "token_expired" });
  vi.setSystemTime(NOW * 1000);
});
