import { createHash, randomBytes } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CloudRecord } from "../../../../local/cloud/report.ts";
import type { RequestRecord } from "../../../../local/gateway/trail.ts";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import { LOGIN_KEY } from "../../../../local/stack/login/local-login.ts";
import type { WebClientSettings } from "../../../../local/stack/login/web-client.ts";
import { startScreen } from "../../../../local/stack/start-screen.ts";
import { answerFor, cookieOf, form } from "./without-scripts.ts";

/** The login behind the local gateway, with the pages of the local stack, as a browser without scripts meets them. */

const told: CloudRecord[] = [];
const requests: RequestRecord[] = [];
let stack: LocalStack;
let settings: WebClientSettings;
beforeAll(async () => {
  stack = await startLocalStack({
    template: "template.yaml",
    onCloud: (record) => told.push(record),
    onRequest: (record) => requests.push(record),
  });
  const page = await (await fetch(stack.login?.page ?? "")).text();
  settings = JSON.parse(/id="settings">(.+?)<\/script>/.exec(page)?.[1] ?? "null");
});
afterAll(() => stack.close());

/** Begins a login. */
async function begin() {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id: settings.clientId, redirect_uri: settings.redirectUri, state: "s" },
    ...{ connection: settings.connections[0] ?? "", code_challenge_method: "S256" },
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const answer = await fetch(`${settings.issuer}/authorize?${query}`, { redirect: "manual" });
  return {
    verifier,
    cookie: cookieOf(answer),
    setCookie: answer.headers.getSetCookie(),
    to: answer.headers.get("location") ?? "",
  };
}

/** Logs in as somebody, up to the answer of the assertion consumer service. */
async function logIn(person: string) {
  const begun = await begin();
  const { page, action, answer } = await answerFor(person, new URL(begun.to));
  const consumed = await fetch(action, { ...form(answer), headers: { Cookie: begun.cookie } });
  return { ...begun, page, action, answer, consumed, back: new URL(consumed.headers.get("location") ?? "x:") };
}

const redeem = (code: string, verifier: string) =>
  fetch(`${settings.issuer}/token`, {
    ...form({ grant_type: "authorization_code", client_id: settings.clientId, code, code_verifier: verifier }),
    headers: { Origin: new URL(settings.redirectUri).origin },
  });

async function tokenOf(person: string): Promise<string> {
  const { back, verifier } = await logIn(person);
  const answer = await redeem(back.searchParams.get("code") ?? "", verifier);
  return ((await answer.json()) as { access_token: string }).access_token;
}

const call = async (path: string, token: string) =>
  fetch(`${stack.gateway.urls.RestApi}${path}`, { headers: { Authorization: `Bearer ${token}` } });

test("is on another site than the identity provider and the application: ports alone are one site", () => {
  expect(new URL(settings.issuer).hostname).toBe("localhost");
  expect(new URL(settings.redirectUri).hostname).toBe("127.0.0.1");
  expect(stack.login).toMatchObject({ issuer: settings.issuer });
});

test("is printed at the start, with a word about its key", () => {
  const screen = startScreen(stack, []);
  expect(screen).toContain(`  ${stack.login?.page}\n`);
  expect(screen).toMatch(/development key, made at this start/);
  // The key is in no file that the stack writes.
  expect(stack.access.environment).not.toHaveProperty(LOGIN_KEY);
});

test("ends in a token of the login that the API takes, for what the person may do", async () => {
  const { consumed, back, page } = await logIn("alice");
  expect(page).toContain("alice");
  expect([consumed.status, back.origin + back.pathname]).toEqual([303, settings.redirectUri]);
  expect(Object.fromEntries(back.searchParams)).toMatchObject({ state: "s", iss: settings.issuer });
  const token = await tokenOf("alice");
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "RS256", typ: "at+jwt" });
  expect(decodeJwt(token)).toMatchObject({
    ...{ iss: settings.issuer, aud: settings.resource, sub: "main:alice", tenant: "acme", roles: ["buyer"] },
    scope: "orders:read orders:write",
  });
  const answer = await call("/tenants/acme/orders", token);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ subject: "main:alice", issuer: settings.issuer, tenant: "acme" });
  expect((await call("/tenants/globex/orders", token)).status).toBe(403);
  expect((await call("/tenants/acme/orders", await tokenOf("bob"))).status).toBe(403);
  expect((await call("/tenants/globex/orders", await tokenOf("carol"))).status).toBe(200);
});

test("sets one cookie that a browser sends back from another site, and clears it at the end", async () => {
  const { setCookie, consumed } = await logIn("alice");
  expect(setCookie).toEqual([expect.stringMatching(/^__Host-login-.+; Path=\/; Secure; HttpOnly; SameSite=None$/)]);
  expect(consumed.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-login-[\w-]+=; Max-Age=0;/)]);
});

test("refuses the answer of the identity provider in another browser, and tells of it on the bus", async () => {
  const { action, answer } = await logIn("alice");
  const begun = await begin();
  const other = await fetch(action, { ...form(answer), headers: { Cookie: begun.cookie } });
  expect([other.status, other.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
  const events = () => told.flatMap((record) => (record.kind === "event" ? [record.detailType] : []));
  await expect.poll(events).toEqual(expect.arrayContaining(["LoginSucceeded", "LoginFailed"]));
});

test("takes a code once", async () => {
  const { back, verifier } = await logIn("alice");
  const code = back.searchParams.get("code") ?? "";
  const statuses = [await redeem(code, verifier), await redeem(code, verifier)].map(({ status }) => status);
  expect(statuses).toEqual([200, 400]);
  // The line of a refused request says why.
  const last = requests.findLast(({ path }) => path === "/token");
  expect(last).toMatchObject({ status: 400, outcome: "refused", reason: "code_replayed" });
});

test("lets the application's page read the token, and no other page", async () => {
  const own = await redeem("none", "none");
  expect(own.headers.get("access-control-allow-origin")).toBe(new URL(settings.redirectUri).origin);
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: settings.clientId });
  const headers = { Origin: settings.issuer };
  const other = await fetch(`${settings.issuer}/token`, { method: "POST", body, headers });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
});

test("goes on after a reload", async () => {
  await stack.reload();
  expect((await call("/whoami", await tokenOf("alice"))).status).toBe(200);
});

describe("the local identity provider", () => {
  const sso = () => new URL("/login/sso", settings.redirectUri);

  test.each([
    ["no request", ""],
    ["a request that is not deflated", Buffer.from("<x/>").toString("base64")],
    ["what is no base64", "%%%"],
  ])("answers 400 to %s, and goes on", async (_, message) => {
    const url = sso();
    url.searchParams.set("SAMLRequest", message);
    expect((await fetch(url)).status).toBe(400);
    expect((await logIn("alice")).consumed.status).toBe(303);
  });

  test("escapes what it sends back", async () => {
    const { to } = await begin();
    const url = new URL(to);
    url.searchParams.set("RelayState", `"><script>alert(1)</script>`);
    const page = await (await fetch(url)).text();
    expect(page).not.toContain("<script>alert");
  });

  test("answers a request only to the consumer service of the configuration, whatever the request names", async () => {
    const { deflateRawSync, inflateRawSync } = await import("node:zlib");
    const { to } = await begin();
    const url = new URL(to);
    const xml = inflateRawSync(Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64")).toString();
    const changed = xml.replace(
      /AssertionConsumerServiceURL="[^"]+"/,
      'AssertionConsumerServiceURL="https://evil.test"',
    );
    expect(changed).not.toBe(xml);
    const fields = { SAMLRequest: deflateRawSync(changed).toString("base64"), RelayState: "r", binding: "redirect" };
    const page = await (await fetch(new URL("/login/answer", url), form({ ...fields, person: "alice" }))).text();
    expect(page).toContain(`action="${settings.issuer}/saml/main/acs"`);
  });
});
