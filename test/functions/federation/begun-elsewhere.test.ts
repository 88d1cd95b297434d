import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorizationQuery, createHarness, type Harness } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness();
});
afterAll(() => login.close());

const query = () => authorizationQuery(randomBytes(32).toString("base64url"));

/** Asks to begin a login, as a browser with these headers and cookies. */
const authorize = (headers: Readonly<Record<string, string>>, cookies: readonly string[] = []) =>
  login.send("GET /authorize", { query: query(), headers, cookies });

describe("a login that a page of another site begins in a person's browser", () => {
  test.each(["image", "script", "iframe", "empty", "object", "style", "video"])(
    "as a part of itself (%s) is refused: no cookie is set, and nothing is written",
    async (destination) => {
      const before = await login.items();
      const answer = await authorize({ "sec-fetch-dest": destination, "sec-fetch-site": "cross-site" });
      expect(answer).toMatchObject({ status: 400, cookies: [] });
      expect(answer.headers.Location).toBeUndefined();
      expect(answer.text).toContain("not_a_navigation");
      expect(await login.items()).toBe(before);
    },
  );

  test.each<[string, Record<string, string>]>([
    ["by a browser that goes there", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" }],
    ["by a browser that does not say", {}],
  ])("is begun %s", async (_, headers) => {
    const answer = await authorize(headers);
    expect(answer.status).toBe(303);
    expect(answer.cookies).toHaveLength(1);
  });
});

describe("cookies of logins that were begun and not ended", () => {
  /** A browser, which sends cookies in the order in which they were set, and drops those that are cleared. */
  async function browserAfter(logins: number) {
    const jar = new Map<string, string>();
    for (let count = 0; count < logins; count++) {
      const cookies = [...jar].map(([name, value]) => `${name}=${value}`);
      for (const set of (await authorize({}, cookies)).cookies) {
        const [pair = ""] = set.split(";");
        const [name = "", value = ""] = pair.split("=");
        if (set.includes("Max-Age=0")) jar.delete(name);
        else jar.set(name, value);
      }
    }
    return jar;
  }

  test("are eight at most, so that no site can fill the headers of a browser with them", async () => {
    expect((await browserAfter(8)).size).toBe(8);
    expect((await browserAfter(30)).size).toBe(8);
  });

  test("are cleared from the oldest one on, and the newest login goes on", async () => {
    const jar = await browserAfter(12);
    const begun = await login.begin();
    const cookies = [...[...jar].map(([name, value]) => `${name}=${value}`).slice(1), begun.cookie];
    expect((await login.post(begun, login.respond(begun), { cookies })).to.get("code")).toBeTruthy();
    const [oldest] = jar.keys();
    const cleared = (
      await authorize(
        {},
        [...jar].map(([name, value]) => `${name}=${value}`),
      )
    ).cookies;
    expect(cleared.filter((each) => each.includes("Max-Age=0"))).toEqual([expect.stringContaining(`${oldest}=;`)]);
  });

  test("that are too many already are cleared in parts: the answer's headers have a limit too", async () => {
    const many = Array.from({ length: 145 }, () => `__Host-login-${randomBytes(7).toString("base64url")}=a`);
    const { cookies } = await authorize({}, many);
    expect(cookies.filter((each) => each.includes("Max-Age=0"))).toHaveLength(40);
    expect(cookies.join("").length).toBeLessThan(5000);
  });

  test("are not mixed up with others, and nothing that a caller names is set", async () => {
    const others = Array.from({ length: 20 }, (_, index) => `session${index}=a`);
    const forged = Array.from({ length: 20 }, () => "__Host-login-a; Domain=evil.example=a");
    expect((await authorize({}, [...others, ...forged])).cookies).toHaveLength(1);
  });
});
