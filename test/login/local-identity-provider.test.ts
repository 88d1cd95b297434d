import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { CHROMIUM, PATIENCE, startBrowser } from "./browser.ts";

/** `npm start` in a real browser: what a person does, and what a browser keeps an attacker from. */

describe.skipIf(CHROMIUM === "")("in Chromium", () => {
  let stack: LocalStack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startLocalStack({ template: "template.yaml" }), startBrowser()]);
  }, PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  /** A page in a browser of its own, at the application. */
  async function opened(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(stack.login?.page ?? "");
    return page;
  }

  async function logIn(page: Page, person: string): Promise<string> {
    await page.getByRole("button", { name: "Log in at main" }).click();
    await page.getByRole("button", { name: person, exact: true }).click();
    await page.getByText(`Logged in as main:${person}.`).waitFor();
    await page.getByRole("heading", { name: "/tenants/{tenant}/orders" }).waitFor();
    return page.locator("#results").innerText();
  }

  test("a person logs in, and sees the token and the answer of the API that allows the call", {
    timeout: PATIENCE,
  }, async () => {
    const page = await opened();
    const results = await logIn(page, "alice");
    expect(results).toContain('"typ": "at+jwt"');
    expect(results).toContain("GET /whoami: 200");
    expect(results).toContain("GET /tenants/{tenant}/orders: 200");
    // Neither a code in the history, nor a cookie after the end.
    expect(page.url()).toBe(stack.login?.page);
    expect(await page.context().cookies()).toEqual([]);
  });

  test("a person without the scope logs in, and the API denies the call", { timeout: PATIENCE }, async () => {
    const results = await logIn(await opened(), "bob");
    expect(results).toContain("GET /whoami: 200");
    expect(results).toContain("GET /tenants/{tenant}/orders: 403");
  });

  test("two tabs of one browser log in beside each other", { timeout: PATIENCE }, async () => {
    const first = await opened();
    const second = await first.context().newPage();
    await second.goto(stack.login?.page ?? "");
    await first.getByRole("button", { name: "Log in at main" }).click();
    await first.getByRole("button", { name: "alice", exact: true }).waitFor();
    expect(await logIn(second, "carol")).toContain("GET /tenants/{tenant}/orders: 200");
    await first.getByRole("button", { name: "alice", exact: true }).click();
    await first.getByText("Logged in as main:alice.").waitFor();
  });

  test("an answer that an attacker got is refused in the browser of the attacked (login CSRF)", {
    timeout: PATIENCE,
  }, async () => {
    const attacker = await opened();
    const answer = attacker.waitForRequest(/\/saml\/main\/acs$/);
    await attacker.route(/\/saml\/main\/acs$/, (route) => route.abort());
    await attacker.getByRole("button", { name: "Log in at main" }).click();
    await attacker.getByRole("button", { name: "alice", exact: true }).click();
    const sent = await answer;
    const attacked = await opened();
    const fields = Object.entries(sent.postDataJSON() as Record<string, string>);
    await attacked.setContent(
      `<form method="post" action="${sent.url()}">${fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join("")}<button>x</button></form>`,
    );
    await attacked.getByRole("button").click();
    await attacked.getByText("browser_mismatch").waitFor();
    expect(new URL(attacked.url()).origin).toBe(stack.login?.issuer);
  });

  test("the answer of a login that began in another tab's name is refused by the application", {
    timeout: PATIENCE,
  }, async () => {
    const page = await opened();
    const issuer = encodeURIComponent(stack.login?.issuer ?? "");
    await page.goto(`${stack.login?.page}/callback?code=stolen&state=guessed&iss=${issuer}`);
    await page.getByText("This answer is of a login that began elsewhere.").waitFor();
  });
});
