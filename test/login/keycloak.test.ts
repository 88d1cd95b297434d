import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { createRealm, type Realm } from "../keycloak/keycloak.ts";
import { CHROMIUM, PATIENCE, startBrowser } from "./browser.ts";

/** A person logs in at Keycloak, in a real browser, and calls the API with the token that comes of it. */

const { KEYCLOAK_URL = "" } = process.env;

describe.skipIf(CHROMIUM === "" || KEYCLOAK_URL === "")("at Keycloak, in Chromium", () => {
  let realm: Realm;
  let stack: LocalStack;
  let browser: Browser;
  beforeAll(async () => {
    [realm, browser] = await Promise.all([createRealm(KEYCLOAK_URL), startBrowser()]);
    const saml = `${realm.url}/protocol/saml`;
    stack = await startLocalStack({
      template: "template.yaml",
      parameters: {
        ...{ SamlIssuer: realm.url, SamlPreset: "keycloak", SamlMetadataUrl: `${saml}/descriptor` },
        ...{ SamlAudience: "https://api.local.example/saml", SamlRecipient: "https://api.local.example/saml/acs" },
        LoginSingleSignOnUrl: saml,
      },
    });
    const connection = `${stack.login?.issuer}/saml/main`;
    await realm.addServiceProvider(`${connection}/metadata`, `${connection}/acs`);
  }, 2 * PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
    await realm?.remove();
  });

  test("ends in an allowed call, with what Keycloak says of the person", { timeout: 2 * PATIENCE }, async () => {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(stack.login?.page ?? "");
    await page.getByRole("button", { name: "Log in at main" }).click();
    await page.locator("#username").fill("alice");
    await page.locator("#password").fill(realm.password);
    await page.locator("#kc-login").click();
    await page.getByText("Logged in as main:alice.").waitFor();
    await page.getByRole("heading", { name: "/tenants/{tenant}/orders" }).waitFor();
    const results = await page.locator("#results").innerText();
    expect(results).toContain('"tenant": "acme"');
    expect(results).toContain('"staff"');
    expect(results).toContain("GET /whoami: 200");
    // Keycloak's realm states no scope.
    expect(results).toContain("GET /tenants/{tenant}/orders: 403");
  });

  test("is offered again after a wrong password, and nobody is logged in", { timeout: 2 * PATIENCE }, async () => {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(stack.login?.page ?? "");
    await page.getByRole("button", { name: "Log in at main" }).click();
    await page.locator("#username").fill("alice");
    await page.locator("#password").fill("wrong");
    await page.locator("#kc-login").click();
    await page.locator("#password").waitFor();
    expect(page.url()).toContain(KEYCLOAK_URL);
  });
});
