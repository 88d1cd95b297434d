import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { discoverJwksUri } from "../../../providers/jwt/discovery.ts";
import { NOW } from "../../fixtures.ts";
import { ISSUER, rsaKey } from "../jwt/mint.ts";
import { entryOf, judgeBy, SECRET, TokenServer, USER } from "./fixture.ts";

const DOCUMENT = `${ISSUER}/.well-known/openid-configuration`;

let server: TokenServer;
let document: object | number;
let answers: Readonly<Record<string, () => Response>>;
beforeAll(() => {
  process.env[SECRET] = "s3cret";
});
afterAll(() => {
  delete process.env[SECRET];
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  document = { issuer: ISSUER, introspection_endpoint: `${ISSUER}/found` };
  answers = { [`${ISSUER}/found`]: () => Response.json({ active: true, ...USER }) };
  server = new TokenServer();
  server.answer = (_token, { url }) => {
    if (url !== DOCUMENT) return answers[url]?.() ?? new Response("", { status: 404 });
    return typeof document === "number" ? new Response("", { status: document }) : Response.json(document);
  };
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const entry = (issuer = ISSUER) => entryOf({ endpoint: undefined, cacheAge: 0 }, { issuer });
const urls = () => server.asked.map(({ url }) => url);

describe("the endpoint of the discovery document", () => {
  test("is asked, and the document is read once", async () => {
    const { status } = judgeBy(server, entry());
    expect(await status("token1")).toBe("authenticated");
    expect(await status("token2")).toBe("authenticated");
    expect(urls()).toEqual([DOCUMENT, `${ISSUER}/found`, `${ISSUER}/found`]);
  });

  test.each<[string, object | number]>([
    ["of another issuer", { issuer: "https://evil.example.com", introspection_endpoint: `${ISSUER}/found` }],
    ["without an issuer", { introspection_endpoint: `${ISSUER}/found` }],
    ["without an endpoint", { issuer: ISSUER }],
    ["with an endpoint that is no text", { issuer: ISSUER, introspection_endpoint: [`${ISSUER}/found`] }],
    ["with an endpoint without TLS", { issuer: ISSUER, introspection_endpoint: "http://id.example.com/found" }],
    ["with an endpoint on loopback", { issuer: ISSUER, introspection_endpoint: "http://127.0.0.1:9001/found" }],
    [
      "with an endpoint that has credentials",
      { issuer: ISSUER, introspection_endpoint: "https://a:b@id.example.com/" },
    ],
    ["with an endpoint of another scheme", { issuer: ISSUER, introspection_endpoint: "file:///etc/passwd" }],
    ["that does not come", 500],
  ])("%s is not asked", async (_what, found) => {
    document = found;
    expect(await judgeBy(server, entry()).status("token1")).toBe("introspection_unavailable");
    expect(urls()).toEqual([DOCUMENT]);
  });

  test("may be on loopback if the issuer is", async () => {
    const issuer = "http://127.0.0.1:4000";
    const found = `${issuer}/found`;
    server.answer = (_token, { url }) =>
      Response.json(url === found ? { active: true, ...USER, iss: issuer } : { issuer, introspection_endpoint: found });
    expect(await judgeBy(server, entry(issuer)).status("token1")).toBe("authenticated");
  });

  test("goes on serving while the document cannot be read", async () => {
    const { status } = judgeBy(server, entry());
    await status("token1");
    document = 500;
    pass(10 * 86_400_000);
    expect(await status("token1")).toBe("authenticated");
  });

  test("is looked for again after nothing was found at it, at most once in ten minutes", async () => {
    const { status } = judgeBy(server, entry());
    await status("token1");
    answers = { [`${ISSUER}/moved`]: () => Response.json({ active: true, ...USER }) };
    expect(await status("token1")).toBe("introspection_unavailable");
    pass(2000);
    document = { issuer: ISSUER, introspection_endpoint: `${ISSUER}/moved` };
    expect(await status("token1")).toBe("authenticated");
    expect(urls().slice(2)).toEqual([`${ISSUER}/found`, DOCUMENT, `${ISSUER}/moved`]);
    answers = {};
    for (let index = 0; index < 10; index++) {
      await status("token1");
      pass(2000);
    }
    expect(urls().filter((url) => url === DOCUMENT)).toHaveLength(2);
  });

  test("is the alias for clients with a certificate, if there is one (RFC 8705 section 5)", async () => {
    document = {
      ...{ issuer: ISSUER, introspection_endpoint: `${ISSUER}/found` },
      mtls_endpoint_aliases: { introspection_endpoint: "http://127.0.0.1:9/alias" },
    };
    process.env[SECRET] = String(rsaKey().privateKey.export({ type: "pkcs8", format: "pem" }));
    const certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
    const client = { clientId: "api", tls: { certificate, key: { environment: SECRET } } };
    // This alias may not be asked, and so nothing is: also not the usual endpoint.
    expect(await judgeBy(server, entryOf({ endpoint: undefined, client })).status("token1")).toBe(
      "introspection_unavailable",
    );
    expect(urls()).toEqual([DOCUMENT]);
    process.env[SECRET] = "s3cret";
  });
});

test("a key set on loopback is not fetched for an issuer elsewhere", async () => {
  const found = (issuer: string, uri: string) =>
    discoverJwksUri(issuer, async () => Response.json({ issuer, jwks_uri: uri }), AbortSignal.timeout(1000));
  await expect(found(ISSUER, "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next")).rejects.toThrow(
    "usable jwks_uri",
  );
  expect(await found("http://localhost:1", "http://127.0.0.1:1/keys")).toBe("http://127.0.0.1:1/keys");
});
