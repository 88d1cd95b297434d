import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness } from "./harness.ts";

const CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:";
const [TOKEN, CARD] = [`${CONTEXT}TimeSyncToken`, `${CONTEXT}Smartcard`];
/** Seconds by which the identity provider's clock may be behind. */
const TOLERANCE = 20;

let login: Harness;
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({
        ...entry,
        clockTolerance: TOLERANCE,
      })),
    },
  }));
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
});

/** The services, at whose connection acme a login has these options. */
const asking = (options: { forceAuthn?: boolean; contexts?: string[] }) => ({
  connections: new Map(
    [...login.services.connections].map(([name, connection]) => [
      name,
      { ...connection, login: { ...connection.login, ...options } },
    ]),
  ),
});

type Authentication = { time?: number; context?: string } | null;

/** The outcome of a login in which the identity provider says this of how and when the person signed in. */
async function outcomeOf(
  authentication: Authentication,
  options: Parameters<typeof asking>[0],
  change = (xml: string) => xml,
) {
  const begun = await login.begin();
  const xml = Buffer.from(login.respond(begun, { authentication }, { sign: ["assertion"] }), "base64").toString();
  const answer = await login.post(begun, Buffer.from(change(xml)).toString("base64"), {}, asking(options));
  if (answer.to.has("code")) return "code";
  expect(answer.to.get("error")).toBe("access_denied");
  return login.events.map(({ name, detail }) => `${name} ${"reason" in detail ? detail.reason : ""}`).join();
}

describe("a connection that asks for authentication contexts", () => {
  const contexts = [CARD, TOKEN];

  test.each([CARD, TOKEN])("takes one of them: %s", async (context) => {
    expect(await outcomeOf({ context }, { contexts })).toBe("code");
  });

  test.each([
    ["a weaker one: the user took the question out of the request", { context: `${CONTEXT}Password` }],
    ["one that begins like it", { context: `${TOKEN}2` }],
    ["another spelling", { context: TOKEN.toUpperCase() }],
    ["none at all", null],
  ])("refuses %s", async (_, authentication) => {
    expect(await outcomeOf(authentication, { contexts })).toBe("LoginFailed authentication_context_mismatch");
  });
});

test("a connection that asks for no context takes any, and none", async () => {
  expect(await outcomeOf({ context: `${CONTEXT}Password` }, {})).toBe("code");
  expect(await outcomeOf(null, {})).toBe("code");
});

describe("a connection that wants people to log in anew", () => {
  const forceAuthn = true;

  test("takes a sign-in since the login began, less the tolerance of clocks", async () => {
    expect(await outcomeOf({ time: NOW }, { forceAuthn })).toBe("code");
    expect(await outcomeOf({ time: NOW - TOLERANCE }, { forceAuthn })).toBe("code");
  });

  test.each([
    ["an older one: the session of the identity provider was used", { time: NOW - TOLERANCE - 1 }],
    ["one of yesterday", { time: NOW - 86_400 }],
    ["none at all", null],
  ])("refuses %s", async (_, authentication) => {
    expect(await outcomeOf(authentication, { forceAuthn })).toBe("LoginFailed authentication_too_old");
  });

  test("counts from the beginning of the login, and not from the answer", async () => {
    const begun = await login.begin();
    const store = { ...login.services.store };
    // The person took five minutes, and had signed in one minute before the login began.
    store.find = async (handle, time) => {
      const flow = await login.services.store.find(handle, time);
      return flow && { ...flow, begunAt: NOW - 300 };
    };
    const response = (time: number) => login.respond(begun, { authentication: { time } });
    await login.post(begun, response(NOW - 360), {}, { ...asking({ forceAuthn }), store });
    expect(login.events.at(-1)?.detail).toMatchObject({ reason: "authentication_too_old" });
    const answer = await login.post(begun, response(NOW - 240), {}, { ...asking({ forceAuthn }), store });
    expect(answer.to.get("code")).toBeTruthy();
  });
});

test("a refused answer uses up neither the assertion nor the login", async () => {
  const begun = await login.begin();
  const response = login.respond(begun);
  await login.post(begun, response, {}, asking({ contexts: [TOKEN] }));
  expect((await login.post(begun, response)).to.get("code")).toBeTruthy();
});
