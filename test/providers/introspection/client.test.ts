import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import fc from "fast-check";
import { jwtVerify } from "jose";
import { generate } from "selfsigned";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOW } from "../../fixtures.ts";
import { ecKey, ISSUER, rsaKey } from "../jwt/mint.ts";
import { entryOf, type Introspection, judgeBy, SECRET, TokenServer, USER } from "./fixture.ts";

let server: TokenServer;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  server = new TokenServer();
  server.know({ token1: USER, token2: USER });
});
afterEach(() => {
  vi.useRealTimers();
  delete process.env[SECRET];
});

const by = (client: object) => entryOf({ client: client as Introspection["client"], cacheAge: 0 });
const pemOf = ({ privateKey }: ReturnType<typeof rsaKey>) =>
  String(privateKey.export({ type: "pkcs8", format: "pem" }));

describe("client_secret_basic", () => {
  /** Reads the header as a server does: RFC 7617, then the encoding of forms (RFC 6749 section 2.3.1). */
  function pairIn(header: string | null): string[] {
    const [, base64 = ""] = /^Basic (\S+)$/.exec(header ?? "") ?? [];
    const [id = "", secret = "", ...rest] = Buffer.from(base64, "base64").toString().split(":");
    const decoded = (part: string) => new URLSearchParams(`v=${part}`).get("v") ?? "";
    return [decoded(id), decoded(secret), ...rest];
  }

  test("sends id and secret in the header, and neither in the form", async () => {
    process.env[SECRET] = "s3cret";
    await judgeBy(server, by({ clientId: "api", secret: { environment: SECRET } })).judge("token1");
    const [asked] = server.asked;
    expect(pairIn(asked?.headers.get("authorization") ?? null)).toEqual(["api", "s3cret"]);
    expect([...(asked?.form.keys() ?? [])]).toEqual(["token", "token_type_hint"]);
  });

  test("is read alike by a server, whatever id and secret consist of", async () => {
    const word = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).filter((value) => !value.includes("\0"));
    await fc.assert(
      fc.asyncProperty(word, word, async (clientId, secret) => {
        process.env[SECRET] = secret;
        await judgeBy(server, by({ clientId, secret: { environment: SECRET } })).judge("token1");
        expect(pairIn(server.asked.at(-1)?.headers.get("authorization") ?? null)).toEqual([clientId, secret]);
      }),
    );
  });

  test("without its secret is trouble, and the server is not asked", async () => {
    const { status } = judgeBy(server, by({ clientId: "api", secret: { environment: SECRET } }));
    expect(await status("token1")).toBe("secret_unavailable");
    expect(server.asked).toEqual([]);
  });
});

describe("private_key_jwt", () => {
  test.each([
    ["RS256", rsaKey("k1")],
    ["PS256", rsaKey("k1", "PS256")],
    ["ES256", ecKey("k1")],
  ] as const)("signs for the issuer alone, for a minute, by %s", async (algorithm, key) => {
    process.env[SECRET] = pemOf(key);
    const client = { clientId: "api", privateKey: { environment: SECRET }, algorithm, keyId: "k1" };
    expect(await judgeBy(server, by(client)).status("token1")).toBe("authenticated");
    const [asked] = server.asked;
    expect(asked?.form.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    expect(asked?.form.get("client_id")).toBe("api");
    expect(asked?.headers.get("authorization")).toBeNull();
    const { payload, protectedHeader } = await jwtVerify(asked?.form.get("client_assertion") ?? "", key.publicKey, {
      currentDate: new Date(NOW * 1000),
    });
    expect(protectedHeader).toEqual({ alg: algorithm, kid: "k1", typ: "client-authentication+jwt" });
    expect(payload).toEqual({
      ...{ iss: "api", sub: "api", aud: ISSUER, iat: NOW, exp: NOW + 60 },
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("signs each question anew", async () => {
    process.env[SECRET] = pemOf(rsaKey());
    const { status } = judgeBy(server, by({ clientId: "api", privateKey: { environment: SECRET } }));
    await status("token1");
    await status("token2");
    const [first, second] = server.asked.map(({ form }) => form.get("client_assertion"));
    expect(first).not.toBe(second);
  });

  test("takes a JWK, and another audience", async () => {
    const key = ecKey();
    process.env[SECRET] = JSON.stringify(key.privateKey.export({ format: "jwk" }));
    const audience = `${ISSUER}/token`;
    const client = { clientId: "api", privateKey: { environment: SECRET }, algorithm: "ES256", audience };
    expect(await judgeBy(server, by(client)).status("token1")).toBe("authenticated");
    const { payload } = await jwtVerify(server.asked[0]?.form.get("client_assertion") ?? "", key.publicKey, {
      currentDate: new Date(NOW * 1000),
    });
    expect(payload.aud).toBe(audience);
  });

  test.each(["no key", "{}", "{", '{"kty":"oct","k":"AAAA"}'])("with %s in its secret is trouble", async (secret) => {
    process.env[SECRET] = secret;
    const { verdictOn } = judgeBy(server, by({ clientId: "api", privateKey: { environment: SECRET } }));
    const verdict = await verdictOn("token1");
    expect(verdict).toMatchObject({ status: "unavailable", reason: "secret_unavailable" });
    expect(server.asked).toEqual([]);
  });

  test("with a key for another algorithm is trouble, and no decision", async () => {
    process.env[SECRET] = pemOf(rsaKey());
    const client = { clientId: "api", privateKey: { environment: SECRET }, algorithm: "ES256" };
    expect(await judgeBy(server, by(client)).status("token1")).toBe("introspection_unavailable");
  });
});

test("a public or symmetric key never signs: the secret must be a private key", async () => {
  process.env[SECRET] = String(rsaKey().publicKey.export({ type: "spki", format: "pem" }));
  const { status } = judgeBy(server, by({ clientId: "api", privateKey: { environment: SECRET } }));
  expect(await status("token1")).toBe("secret_unavailable");
});

describe("mutual TLS", async () => {
  const certificate = (name: string, keyUsage = {}) =>
    generate([{ name: "commonName", value: name }], {
      ...{ keySize: 2048, algorithm: "sha256", notAfterDate: new Date(4_102_444_800_000), ...keyUsage },
      extensions: [
        { name: "basicConstraints", cA: true },
        { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
      ],
    });
  const [own, ours, others] = await Promise.all(["server", "api", "other"].map((name) => certificate(name)));
  if (!own || !ours || !others) throw new Error("no certificates");

  /** A server that asks for a certificate and answers with the name in it. */
  async function startServer(status = 200) {
    const seen: string[] = [];
    const tls = createServer({ cert: own?.cert, key: own?.private, ca: [ours?.cert ?? ""], requestCert: true });
    tls.on("request", async (incoming, response) => {
      const form = new URLSearchParams(await text(incoming));
      const { CN } = (incoming.socket as TLSSocket).getPeerCertificate().subject;
      seen.push(`${incoming.method} ${CN} ${form.get("client_id")} ${form.get("token")}`);
      response.writeHead(status, { location: "/elsewhere" }).end(JSON.stringify({ active: true, ...USER }));
    });
    await once(tls.listen(0, "127.0.0.1"), "listening");
    const { port } = tls.address() as AddressInfo;
    const close = () => {
      tls.closeAllConnections();
      tls.close();
    };
    return { url: `https://127.0.0.1:${port}/introspect`, seen, [Symbol.dispose]: close };
  }

  const roots = getCACertificates("default");
  beforeEach(() => {
    vi.useRealTimers();
    setDefaultCACertificates([...roots, own.cert]);
  });
  afterEach(() => setDefaultCACertificates(roots));

  const statusAt = (endpoint: string, by: { cert: string; private: string }) => {
    process.env[SECRET] = by.private;
    const client = { clientId: "api", tls: { certificate: by.cert, key: { environment: SECRET } } };
    return judgeBy(server, entryOf({ endpoint, client })).status("token1");
  };

  test("connects with the certificate, and names the client in the form", async () => {
    using target = await startServer();
    expect(await statusAt(target.url, ours)).toBe("authenticated");
    expect(target.seen).toEqual(["POST api api token1"]);
    expect(server.asked).toEqual([]);
  });

  test("with a certificate that the server refuses is trouble", async () => {
    using target = await startServer();
    expect(await statusAt(target.url, others)).toBe("introspection_unavailable");
    expect(target.seen).toEqual([]);
  });

  test("with the key of another certificate is trouble", async () => {
    using target = await startServer();
    expect(await statusAt(target.url, { cert: ours.cert, private: others.private })).toBe("introspection_unavailable");
  });

  test("does not talk to a server that nobody vouches for", async () => {
    setDefaultCACertificates(roots);
    using target = await startServer();
    expect(await statusAt(target.url, ours)).toBe("introspection_unavailable");
    expect(target.seen).toEqual([]);
  });

  test.each([302, 307, 401, 500])("takes no answer with status %i, and follows no redirect", async (status) => {
    using target = await startServer(status);
    expect(await statusAt(target.url, ours)).toBe("introspection_unavailable");
    expect(target.seen).toHaveLength(1);
  });

  test("does not talk without TLS", async () => {
    expect(await statusAt("http://127.0.0.1:9/introspect", ours)).toBe("introspection_unavailable");
  });
});

describe("a client that the server does not know (401)", () => {
  const PARAMETER = { ssm: "/introspection/secret" };

  test("is tried again with a newer secret, once", async () => {
    let stored = "old";
    vi.doMock("../../../shared/infrastructure/secret/ssm.ts", () => ({ getParameter: async () => stored }));
    server.answer = (_token, { headers }) =>
      headers.get("authorization") === `Basic ${Buffer.from("api:new").toString("base64")}`
        ? Response.json({ active: true, ...USER })
        : new Response("", { status: 401 });
    const { status } = judgeBy(server, by({ clientId: "api", secret: PARAMETER }));
    expect(await status("token1")).toBe("introspection_unavailable");
    expect(server.asked).toHaveLength(1);
    stored = "new";
    vi.setSystemTime(Date.now() + 10_000);
    expect(await status("token1")).toBe("authenticated");
    expect(server.asked).toHaveLength(3);
    vi.doUnmock("../../../shared/infrastructure/secret/ssm.ts");
  });
});

describe("a connection that broke", () => {
  test("is tried once more", async () => {
    process.env[SECRET] = "s3cret";
    const broken = () =>
      Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "UND_ERR_SOCKET" }) }));
    let count = 0;
    server.answer = () => (count++ === 0 ? broken() : Response.json({ active: true, ...USER }));
    const { status } = judgeBy(server);
    expect(await status("token1")).toBe("authenticated");
    server.answer = broken;
    expect(await status("token2")).toBe("introspection_unavailable");
    expect(server.asked).toHaveLength(4);
  });

  test("by a timeout is not tried again", async () => {
    process.env[SECRET] = "s3cret";
    server.answer = () => Promise.reject(new DOMException("", "TimeoutError"));
    expect(await judgeBy(server).status("token1")).toBe("introspection_unavailable");
    expect(server.asked).toHaveLength(1);
  });
});
