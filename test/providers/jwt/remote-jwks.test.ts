import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { KEY_SET_TIMES } from "../../../providers/jwt/remote-jwks.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, mint, rsaKey, type SigningKey } from "./mint.ts";

const first = rsaKey("first");
const second = rsaKey("second");

let server: Server;
let origin: string;
let asked: string[];
let answer: RequestListener;

const json =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response
      .setHeader("content-type", "application/json")
      .end(typeof value === "string" ? value : JSON.stringify(value));
  };
const publish = (...keys: SigningKey[]) => json({ keys: keys.map(({ jwk }) => jwk) });
const fail: RequestListener = (_request, response) => {
  response.writeHead(503).end();
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

/** A provider of one issuer, and how it judges tokens of this issuer. */
function issuerAt(keys: "discovery" | "jwksUri" = "jwksUri", path = "") {
  const issuer = `${origin}${path}`;
  const source = keys === "discovery" ? { discovery: true as const } : { jwksUri: `${origin}/keys` };
  const { jwt } = configOf({ jwt: { issuers: [{ issuer, audience: AUDIENCE, keys: source }] } });
  if (!jwt) throw new Error("no section");
  const provider = jwtProvider(jwt);
  return async (key: SigningKey, header = {}) => {
    const time = Math.floor(Date.now() / 1000);
    const value = mint(key, claims({ iss: issuer, iat: time, exp: time + 600 }), header);
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    const verdict = await provider.verify(credential, requestFor("GET", "/a", { time }), new AbortController().signal);
    return verdict.status === "authenticated" ? "authenticated" : verdict.reason;
  };
}

describe("a key set", () => {
  test("is fetched once for all tokens, at the first", async () => {
    answer = publish(first);
    const judge = issuerAt();
    expect(asked).toEqual([]);
    expect(await Promise.all([judge(first), judge(first), judge(first)])).toEqual(Array(3).fill("authenticated"));
    expect(await judge(first)).toBe("authenticated");
    expect(asked).toEqual(["/keys"]);
  });

  test("is fetched again for a key that is new", async () => {
    answer = publish(first);
    const judge = issuerAt();
    await judge(first);
    answer = publish(first, second);
    expect(await judge(second)).toBe("authenticated");
    expect(asked).toHaveLength(2);
  });

  test("is fetched again when it is old, and a key that is gone is refused then", async () => {
    answer = publish(first);
    const judge = issuerAt();
    await judge(first);
    answer = publish(second);
    pass(KEY_SET_TIMES.maxAge - 1);
    expect(await judge(first)).toBe("authenticated");
    pass(1);
    expect(await judge(first)).toBe("token_key_unknown");
    expect(await judge(second)).toBe("authenticated");
  });

  test("of 300 keys is searched to its end, without another fetch", async () => {
    answer = publish(
      ...Array.from({ length: 299 }, (_, index) => ({ ...first, jwk: { ...first.jwk, kid: `k${index}` } })),
      second,
    );
    const judge = issuerAt();
    expect(await judge(second)).toBe("authenticated");
    expect(await judge(first)).toBe("token_key_unknown");
    expect(await judge(first, { kid: "k298" })).toBe("authenticated");
    expect(asked).toHaveLength(2);
  });

  test("serves on while its server fails, but not for ever", async () => {
    answer = publish(first);
    const judge = issuerAt();
    await judge(first);
    answer = fail;
    pass(KEY_SET_TIMES.staleIfError - 1);
    expect(await judge(first)).toBe("authenticated");
    pass(1);
    expect(await judge(first)).toBe("key_set_unavailable");
  });

  test("that cannot be had is trouble, and its server is left alone for a while", async () => {
    answer = fail;
    const judge = issuerAt();
    expect(await judge(first)).toBe("key_set_unavailable");
    expect(await judge(first)).toBe("key_set_unavailable");
    expect(asked).toHaveLength(1);
    pass(500);
    answer = publish(first);
    expect(await judge(first)).toBe("authenticated");
  });

  test("that fails when it is asked for a new key leaves it open whether the key exists", async () => {
    answer = publish(first);
    const judge = issuerAt();
    await judge(first);
    answer = fail;
    expect(await judge(second)).toBe("key_set_unavailable");
    expect(await judge(second)).toBe("key_set_unavailable");
    expect(await judge(first)).toBe("authenticated");
    expect(asked).toHaveLength(2);
  });
});

describe("trouble, and no refusal, is a key set", () => {
  test.each<[string, RequestListener]>([
    ["that is no JSON", json("x")],
    ["without keys", json({})],
    ["with an empty list", json({ keys: [] })],
    ["with nothing but private keys", json({ keys: [{ ...first.jwk, d: "AAAA" }] })],
    ["of another status", (_request, response) => response.writeHead(404).end()],
    ["behind a redirect", (_request, response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["without end", (_request, response) => response.end(`{"keys":[${" ".repeat(300_000)}]}`)],
    ["with a duplicate member", json(`{"keys":[],"keys":[${JSON.stringify(first.jwk)}]}`)],
    ["that breaks off", (_request, response) => response.writeHead(200, { "content-length": 99 }).end("{")],
    ["that never comes", () => {}],
  ])("%s", async (_what, listener) => {
    answer = listener;
    expect(await issuerAt()(first)).toBe("key_set_unavailable");
    expect(asked).toEqual(["/keys"]);
  });
});

describe("discovery", () => {
  const documentOf =
    (document: object): RequestListener =>
    (request, response) =>
      (request.url === "/keys" ? publish(first) : json(document))(request, response);

  test("finds the key set in the issuer's own document", async () => {
    answer = documentOf({ issuer: `${origin}/tenant`, jwks_uri: `${origin}/keys` });
    expect(await issuerAt("discovery", "/tenant")(first)).toBe("authenticated");
    expect(asked).toEqual(["/tenant/.well-known/openid-configuration", "/keys"]);
  });

  test("knows OAuth's document where OpenID's is missing", async () => {
    const document = documentOf({ issuer: `${origin}/tenant`, jwks_uri: `${origin}/keys` });
    answer = (request, response) =>
      request.url?.endsWith("openid-configuration") ? response.writeHead(404).end() : document(request, response);
    expect(await issuerAt("discovery", "/tenant")(first)).toBe("authenticated");
    expect(asked[1]).toBe("/.well-known/oauth-authorization-server/tenant");
  });

  test.each<[string, () => object]>([
    ["is another issuer's", () => ({ issuer: "https://evil.example.com", jwks_uri: `${origin}/keys` })],
    ["names no key set", () => ({ issuer: origin })],
    ["names one without TLS", () => ({ issuer: origin, jwks_uri: "http://evil.example.com/keys" })],
  ])("does not believe a document that %s", async (_what, document) => {
    answer = documentOf(document());
    expect(await issuerAt("discovery")(first)).toBe("key_set_unavailable");
    expect(asked).toEqual(["/.well-known/openid-configuration"]);
  });
});
