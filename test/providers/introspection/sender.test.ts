import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { configOf, NOW } from "../../fixtures.ts";
import {
  boundToken,
  clientKey,
  issuerKey,
  memoryStore,
  ORIGIN,
  plainToken,
  present,
  thumbprintOf,
} from "../confirmation/fixture.ts";
import { type Entry, entryOf, SECRET, TokenServer, USER } from "./fixture.ts";

/** Tokens that are bound to a key of their sender, by what their server says. */

let server: TokenServer;
beforeAll(() => {
  process.env[SECRET] = "s3cret";
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
});
afterAll(() => {
  delete process.env[SECRET];
  vi.useRealTimers();
});
beforeEach(() => {
  server = new TokenServer();
});

const cnf = { jkt: thumbprintOf(clientKey) };

function configWith(entry: Entry) {
  return configOf({ jwt: { issuers: [entry] }, dpop: { origins: [ORIGIN], replayTable: "proofs" } });
}

function opaque(entry = entryOf()) {
  const config = configWith(entry);
  const store = memoryStore();
  const by = introspectionProvider(config, {
    fetch: server.fetch,
    dpop: config.dpop,
    openProofStore: async () => store,
  });
  if (!by) throw new Error("no provider");
  return by;
}

describe("an opaque token that its server calls bound", () => {
  test("is accepted with a proof of its key, for each request anew", async () => {
    server.say({ active: true, ...USER, cnf, token_type: "DPoP" });
    const by = opaque();
    expect(await present("token1", { by })).toMatchObject({ provider: "introspection", confirmation: ["dpop"] });
    expect(await present("token1", { by, proofs: [] })).toBe("dpop_proof_missing");
    expect(await present("token1", { by, scheme: "bearer" })).toBe("dpop_scheme_missing");
    expect(server.asked).toHaveLength(1);
  });

  test("is refused as a bearer token", async () => {
    server.say({ active: true, ...USER, cnf: { "x5t#S256": "A".repeat(43) } });
    expect(await present("token1", { by: opaque(), scheme: "bearer" })).toBe("token_certificate_missing");
  });

  test("is refused if its cnf is null: that is no token without a key", async () => {
    server.say({ active: true, ...USER, cnf: null });
    expect(await present("token1", { by: opaque(), scheme: "bearer" })).toBe("token_confirmation_unsupported");
  });
});

test("an opaque token that is not bound is refused with the scheme DPoP, and where its entry asks for a bound one", async () => {
  server.say({ active: true, ...USER });
  expect(await present("token1", { by: opaque() })).toBe("dpop_token_unbound");
  const by = opaque(entryOf({}, { senderConstrained: "any" }));
  expect(await present("token1", { by, scheme: "bearer" })).toBe("token_confirmation_missing");
});

describe("a JWT that is asked about", () => {
  const keys = { jwks: { keys: [issuerKey.jwk] } } as unknown as Entry["keys"];
  function asked() {
    const { jwt, dpop } = configWith(entryOf({ tokens: "jwt" }, { keys }));
    if (!jwt) throw new Error("no section");
    const store = memoryStore();
    return jwtProvider(jwt, { fetch: server.fetch, dpop, openProofStore: async () => store });
  }

  test("is bound if only the answer says so", async () => {
    server.say({ active: true, cnf });
    expect(await present(plainToken(), { by: asked() })).toMatchObject({ provider: "jwt", confirmation: ["dpop"] });
    expect(await present(plainToken(), { by: asked(), scheme: "bearer" })).toBe("dpop_scheme_missing");
  });

  test("is bound if only the token says so, and is not asked about without its proof", async () => {
    server.say({ active: true });
    expect(await present(boundToken(), { by: asked(), scheme: "bearer" })).toBe("dpop_scheme_missing");
    expect(server.asked).toEqual([]);
    expect(await present(boundToken(), { by: asked() })).toMatchObject({ confirmation: ["dpop"] });
  });

  test("is not believed by an answer that binds it to another key", async () => {
    server.say({ active: true, cnf: { jkt: "A".repeat(43) } });
    expect(await present(boundToken(), { by: asked() })).toBe("introspection_unavailable");
  });
});
