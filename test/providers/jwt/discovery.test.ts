import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DISCOVERY_AGE, DISCOVERY_RETRY } from "../../../providers/jwt/discovered-address.ts";
import { discoverJwksUri } from "../../../providers/jwt/discovery.ts";
import { KEY_SET_TIMES } from "../../../providers/jwt/remote-jwks.ts";
import { fakeClocks, pass } from "../../shared/infrastructure/remote/clocks.ts";
import { KeyServer } from "./key-server.ts";
import { ISSUER, rsaKey } from "./mint.ts";

const OPENID = "/.well-known/openid-configuration";
const OAUTH = "/.well-known/oauth-authorization-server";
const KEYS = `${ISSUER}/keys`;

let server: KeyServer;
beforeEach(() => {
  fakeClocks();
  server = new KeyServer();
});
afterEach(() => vi.useRealTimers());

const discover = (issuer = ISSUER) => discoverJwksUri(issuer, server.fetch, new AbortController().signal);

describe("the address of a key set is found", () => {
  test.each([
    ["without a path", ISSUER, OPENID],
    ["with a slash at its end", `${ISSUER}/`, OPENID],
    ["with a path", `${ISSUER}/tenant`, `/tenant${OPENID}`],
    ["with a path and a slash at its end", `${ISSUER}/tenant/`, `/tenant${OPENID}`],
  ])("in OpenID's document of an issuer %s", async (_how, issuer, path) => {
    server.answer(path, { issuer, jwks_uri: KEYS });
    expect(await discover(issuer)).toBe(KEYS);
    expect(server.asked).toEqual([path]);
  });

  test.each([
    ["without a path", ISSUER, OPENID, OAUTH],
    ["with a path", `${ISSUER}/tenant/`, `/tenant${OPENID}`, `${OAUTH}/tenant`],
  ])("in OAuth's document of an issuer %s, where OpenID's is missing", async (_how, issuer, missing, path) => {
    server.answer(path, { issuer, jwks_uri: KEYS });
    expect(await discover(issuer)).toBe(KEYS);
    expect(server.asked).toEqual([missing, path]);
  });
});

describe("no address is found", () => {
  test.each<[string, object, string]>([
    ["another issuer's", { issuer: "https://evil.example.com", jwks_uri: KEYS }, "another issuer's"],
    ["nobody's", { jwks_uri: KEYS }, "another issuer's"],
    ["of the issuer with a slash", { issuer: `${ISSUER}/`, jwks_uri: KEYS }, "another issuer's"],
    ["without jwks_uri", { issuer: ISSUER }, "no usable jwks_uri"],
    ["with a list", { issuer: ISSUER, jwks_uri: [KEYS] }, "no usable jwks_uri"],
    ["with a plain-http jwks_uri", { issuer: ISSUER, jwks_uri: "http://id.example.com/keys" }, "no usable jwks_uri"],
    ["with a jwks_uri of another scheme", { issuer: ISSUER, jwks_uri: "data:,{}" }, "no usable jwks_uri"],
    ["with a password in its jwks_uri", { issuer: ISSUER, jwks_uri: "https://a:b@id.example.com" }, "no usable"],
    ["with a text that is no URL", { issuer: ISSUER, jwks_uri: "keys" }, "no usable jwks_uri"],
  ])("in a document %s", async (_what, document, message) => {
    server.answer(OPENID, document);
    await expect(discover()).rejects.toThrow(message);
    expect(server.asked).toEqual([OPENID]);
  });

  test.each([403, 500, 503])("if the server answers %d: only a missing document has a substitute", async (status) => {
    server.fail(OPENID, status);
    server.answer(OAUTH, { issuer: ISSUER, jwks_uri: KEYS });
    await expect(discover()).rejects.toMatchObject({ code: `HTTP_${status}` });
    expect(server.asked).toEqual([OPENID]);
  });

  test("if both documents are missing", async () => {
    await expect(discover()).rejects.toMatchObject({ code: "HTTP_404" });
    expect(server.asked).toEqual([OPENID, OAUTH]);
  });
});

describe("a plain-http jwks_uri", () => {
  test("is never fetched, and its keys verify nothing", async () => {
    const key = rsaKey("first");
    server.answer(OPENID, { issuer: ISSUER, jwks_uri: "http://keys.example.com/keys" });
    server.answer("http://keys.example.com/keys", { keys: [key.jwk] });
    const { judge } = server.provider({ keys: { discovery: true } });
    expect(await judge(key)).toBe("key_set_unavailable");
    expect(server.asked).toEqual([OPENID]);
  });
});

describe("an address that was discovered", () => {
  const first = rsaKey("first");
  const second = rsaKey("second");

  async function warmProvider() {
    server.answer(OPENID, { issuer: ISSUER, jwks_uri: KEYS });
    server.publish(first);
    const { judge } = server.provider({ keys: { discovery: true } });
    expect(await judge(first)).toBe("authenticated");
    expect(server.asked).toEqual([OPENID, "/keys"]);
    server.asked.length = 0;
    return judge;
  }

  test("is used without another look for a day", async () => {
    const judge = await warmProvider();
    await pass(DISCOVERY_AGE - 1);
    expect(await judge(first)).toBe("authenticated");
    expect(server.asked).toEqual(["/keys"]);
    await pass(KEY_SET_TIMES.maxAge);
    expect(await judge(first)).toBe("authenticated");
    expect(server.asked).toEqual(["/keys", OPENID, "/keys"]);
  });

  test("goes on serving for days while discovery fails, which is tried every ten minutes", async () => {
    const judge = await warmProvider();
    server.fail(OPENID);
    await pass(DISCOVERY_AGE);
    for (let time = 0; time < 2 * DISCOVERY_AGE; time += KEY_SET_TIMES.maxAge / 2) {
      expect(await judge(first)).toBe("authenticated");
      await pass(KEY_SET_TIMES.maxAge / 2);
    }
    const looks = server.asked.filter((path) => path === OPENID).length;
    expect(looks).toBe((2 * DISCOVERY_AGE) / DISCOVERY_RETRY);
    server.publish(second);
    expect(await judge(second)).toBe("authenticated");
  });

  test("is looked up again if the keys have moved", async () => {
    const judge = await warmProvider();
    server.fail("/keys", 404);
    server.answer(OPENID, { issuer: ISSUER, jwks_uri: `${ISSUER}/moved` });
    server.answer("/moved", { keys: [second.jwk] });
    expect(await judge(second)).toBe("key_set_unavailable");
    await pass(500);
    expect(await judge(second)).toBe("authenticated");
    expect(server.asked).toEqual(["/keys", OPENID, "/moved"]);
  });

  test("is tried again if the keys are back and discovery fails", async () => {
    const judge = await warmProvider();
    server.fail("/keys");
    server.fail(OPENID);
    await pass(KEY_SET_TIMES.staleIfError);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await judge(first)).toBe("key_set_unavailable");
      await pass(2000);
    }
    server.publish(first);
    expect(await judge(first)).toBe("authenticated");
    expect(server.asked).toEqual(["/keys", OPENID, "/keys", OPENID, "/keys", OPENID, "/keys"]);
  });

  test("is not replaced by one that another issuer's document names", async () => {
    const judge = await warmProvider();
    server.answer(OPENID, { issuer: "https://evil.example.com", jwks_uri: `${ISSUER}/evil` });
    server.answer("/evil", { keys: [second.jwk] });
    await pass(DISCOVERY_AGE);
    expect(await judge(second)).toBe("token_key_unknown");
    expect(await judge(first)).toBe("authenticated");
    expect(server.asked).not.toContain("/evil");
  });
});

test("that was never discovered is unavailable while discovery fails", async () => {
  const first = rsaKey("first");
  server.fail(OPENID);
  server.publish(first);
  const { judge } = server.provider({ keys: { discovery: true } });
  expect(await judge(first)).toBe("key_set_unavailable");
  server.answer(OPENID, { issuer: ISSUER, jwks_uri: KEYS });
  await pass(500);
  expect(await judge(first)).toBe("authenticated");
});
