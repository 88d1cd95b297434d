import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { teller } from "../../../functions/federation/tell.ts";
import { createHarness, type Harness } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      // acme's tenant is what the assertion says; globex has the one of the configuration.
      identityProviders: (config.saml?.identityProviders ?? []).map(({ fixed, ...entry }, index) => ({
        ...entry,
        ...(index > 0 && fixed && { fixed }),
        attributes: { ...entry.attributes, tenant: "organisation", attributes: { displayName: "displayName" } },
      })),
    },
  }));
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
  login.told.length = 0;
});

/** Each is in an assertion alone. */
const ATTRIBUTES = {
  organisation: "Jane Doe, +49 170 1234567",
  displayName: "Jane",
  roles: ["auditor"],
  scopes: "a:b",
};

test("no value of an attribute is in an event, or in the log: not even one that names the tenant", async () => {
  const told = teller(undefined);
  const tell = async (event: Parameters<typeof told>[0]) => {
    login.events.push(event);
    await told(event);
  };
  const begun = await login.begin();
  const response = login.respond(begun, { attributes: ATTRIBUTES });
  const answer = await login.post(begun, response, {}, { tell });
  expect(answer.to.get("code")).toBeTruthy();
  // Refused: by its audience, and as a replay.
  const again = await login.begin();
  await login.post(
    again,
    login.respond(again, { attributes: ATTRIBUTES, audience: "https://other.example" }),
    {},
    { tell },
  );
  const used = { ...login.services.store, recordAssertion: async () => false as const };
  const replayed = await login.begin();
  await login.post(replayed, login.respond(replayed, { attributes: ATTRIBUTES }), {}, { tell, store: used });
  expect(login.events.map(({ name }) => name)).toEqual([
    ...["LoginSucceeded", "LoginFailed", "AssertionReplayed", "LoginFailed"],
  ]);
  const texts = JSON.stringify(login.events) + login.told.join("\n");
  expect(texts).toContain("LoginSucceeded");
  for (const value of ["Jane", "1234567", "auditor", "a:b", "alice"]) expect(texts).not.toContain(value);
});

test("a tenant that the configuration fixes is told", async () => {
  const begun = await login.begin({ connection: "globex" });
  const to = { audience: "https://login.example.com/saml/globex/metadata" };
  const response = login.respond(
    begun,
    { ...to, recipient: "https://login.example.com/saml/globex/acs", issuer: "https://idp.globex.example" },
    {},
    login.globex,
  );
  await login.post(begun, response, { connection: "globex" });
  expect(login.events).toMatchObject([{ name: "LoginSucceeded", detail: { tenant: "globex" } }]);
});

test("two failures of one request id have ids of their own: a client can choose the request id", async () => {
  for (const RelayState of ["x", "y".repeat(43)]) {
    const form = { SAMLResponse: "PA==", RelayState };
    await login.send("POST /saml/{connection}/acs", { connection: "acme", form });
  }
  const begun = await login.begin();
  for (const audience of ["https://one.example", "https://two.example"]) {
    await login.post(begun, login.respond(begun, { audience }));
  }
  const ids = login.events.map(({ detail }) => detail.id);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(4);
  expect(ids[0]).toMatch(/^request:JKJaXmPLvHcESHA=:[\w-]{36}:LoginFailed$/);
});
