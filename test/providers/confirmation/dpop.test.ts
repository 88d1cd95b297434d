import { describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { ecKey, edKey, rsaKey, segment } from "../jwt/mint.ts";
import {
  boundToken,
  clientKey,
  hashOf,
  memoryStore,
  ORIGIN,
  type ProofParts,
  plainToken,
  present,
  proofFor,
  providerOf,
  publicJwk,
  strangerKey,
  thumbprintOf,
} from "./fixture.ts";

const token = boundToken();
const refusalOf = (parts: ProofParts) => present(token, { proofs: [proofFor(token, parts)] });

describe("a token that is bound to a DPoP key", () => {
  test("is accepted with a proof of that key", async () => {
    expect(await present(token)).toMatchObject({ subject: "alice", confirmation: ["dpop"] });
  });

  test("is refused as a bearer token, with and without a proof", async () => {
    expect(await present(token, { scheme: "bearer" })).toBe("dpop_scheme_missing");
    const dpop = { proofs: [proofFor(token)], method: "GET", path: "/prod/whoami" };
    expect(await present(token, { scheme: "bearer", request: { dpop } })).toBe("dpop_scheme_missing");
  });

  test("is refused without the section `dpop`", async () => {
    expect(await present(token, { by: providerOf(null) })).toBe("token_confirmation_unsupported");
  });

  test("is refused where the event says neither method nor path, as for TOKEN authorizers, AppSync and WebSockets", async () => {
    expect(await present(token, { target: null })).toBe("token_confirmation_unsupported");
  });

  test.each([
    ["by a header", { headers: ["authorization"] }],
    ["by headers among which the proof is", { headers: ["authorization", "dpop"] }],
    ["for no time that is known", {}],
    ["by the client certificate too", { headers: ["authorization"], certificate: true as const }],
    ["by a key that holds method and path", { values: ["GET", "/prod/whoami"], isExact: true }],
  ])("is refused if the answer is cached %s", async (_how, cache) => {
    expect(await present(token, { request: { cache } })).toBe("token_confirmation_cached");
  });

  test("is confirmed again for each request, although the token is known", async () => {
    const by = providerOf();
    expect(await present(token, { by })).toHaveProperty("confirmation");
    expect(await present(token, { by, proofs: [] })).toBe("dpop_proof_missing");
    expect(await present(token, { by, scheme: "bearer" })).toBe("dpop_scheme_missing");
    expect(await present(token, { by, proofs: [proofFor(token, { key: strangerKey })] })).toBe("dpop_key_mismatch");
    expect(await present(token, { by })).toHaveProperty("confirmation");
  });
});

test("a token that is not bound is refused with the scheme DPoP, whatever its proof", async () => {
  const plain = plainToken();
  expect(await present(plain)).toBe("dpop_token_unbound");
  expect(await present(plain, { proofs: [] })).toBe("dpop_token_unbound");
  expect(await present(plain, { scheme: "bearer" })).not.toHaveProperty("confirmation");
});

describe("refused is a proof", () => {
  test.each<[string, string, ProofParts]>([
    ["of another type", "dpop_proof_malformed", { header: { typ: "JWT" } }],
    ["without a type", "dpop_proof_malformed", { header: { typ: undefined } }],
    ["with alg none", "dpop_algorithm_not_allowed", { header: { alg: "none" } }],
    ["with alg HS256", "dpop_algorithm_not_allowed", { header: { alg: "HS256" } }],
    ["with an algorithm of another key", "dpop_proof_malformed", { header: { alg: "RS256" } }],
    ["without an algorithm", "dpop_algorithm_not_allowed", { header: { alg: undefined } }],
    ["without a key", "dpop_proof_malformed", { header: { jwk: undefined } }],
    ["that names its key by kid alone", "dpop_proof_malformed", { header: { jwk: undefined, kid: "client" } }],
    ["whose key is a text", "dpop_proof_malformed", { header: { jwk: "key" } }],
    ["whose key is null", "dpop_proof_malformed", { header: { jwk: null } }],
    ["whose key is a list", "dpop_proof_malformed", { header: { jwk: [publicJwk(clientKey)] } }],
    ["with a private key", "dpop_proof_malformed", { header: { jwk: { ...publicJwk(clientKey), d: "AA" } } }],
    ["with a symmetric key", "dpop_proof_malformed", { header: { jwk: { kty: "oct", k: "AAAA" } } }],
    ["whose key is off the curve", "dpop_proof_malformed", { header: { jwk: { ...publicJwk(clientKey), x: "AAAA" } } }],
    [
      "whose key is for encryption",
      "dpop_proof_malformed",
      { header: { jwk: { ...publicJwk(clientKey), use: "enc" } } },
    ],
    [
      "whose key names another algorithm",
      "dpop_proof_malformed",
      { header: { jwk: { ...publicJwk(clientKey), alg: "ES384" } } },
    ],
    ["with an extension that must be understood", "dpop_proof_malformed", { header: { crit: ["exp"], exp: NOW } }],
    ["without jti", "dpop_proof_malformed", { claims: { jti: undefined } }],
    ["with an empty jti", "dpop_proof_malformed", { claims: { jti: "" } }],
    ["with a jti that is a number", "dpop_proof_malformed", { claims: { jti: 1 } }],
    ["with a jti of 257 characters", "dpop_proof_malformed", { claims: { jti: "j".repeat(257) } }],
    ["with a jti of 10 KB", "dpop_proof_malformed", { claims: { jti: "j".repeat(10_240) } }],
    ["without htm", "dpop_proof_malformed", { claims: { htm: undefined } }],
    ["for another method", "dpop_method_mismatch", { claims: { htm: "POST" } }],
    ["for the method in small letters", "dpop_method_mismatch", { claims: { htm: "get" } }],
    ["without htu", "dpop_proof_malformed", { claims: { htu: undefined } }],
    ["for another path", "dpop_url_mismatch", { claims: { htu: `${ORIGIN}/prod/orders` } }],
    ["for another stage", "dpop_url_mismatch", { claims: { htu: `${ORIGIN}/test/whoami` } }],
    ["for the path without its stage", "dpop_url_mismatch", { claims: { htu: `${ORIGIN}/whoami` } }],
    ["for another host", "dpop_url_mismatch", { claims: { htu: "https://evil.example.com/prod/whoami" } }],
    ["for another port", "dpop_url_mismatch", { claims: { htu: `${ORIGIN}:8443/prod/whoami` } }],
    ["for http", "dpop_url_mismatch", { claims: { htu: "http://api.example.com/prod/whoami" } }],
    [
      "for a URL with user information",
      "dpop_url_mismatch",
      { claims: { htu: "https://a@api.example.com/prod/whoami" } },
    ],
    ["for a path alone", "dpop_url_mismatch", { claims: { htu: "/prod/whoami" } }],
    ["without iat", "dpop_proof_malformed", { claims: { iat: undefined } }],
    ["with an iat that is a text", "dpop_proof_malformed", { claims: { iat: String(NOW) } }],
    ["with a negative iat", "dpop_proof_malformed", { claims: { iat: -1 } }],
    ["of 61 seconds ago", "dpop_proof_expired", { claims: { iat: NOW - 61 } }],
    ["of 31 seconds in the future", "dpop_proof_in_future", { claims: { iat: NOW + 31 } }],
    ["whose exp is now", "dpop_proof_expired", { claims: { exp: NOW } }],
    ["whose exp is no date", "dpop_proof_malformed", { claims: { exp: "soon" } }],
    ["whose nbf lies in the future", "dpop_proof_in_future", { claims: { nbf: NOW + 31 } }],
    ["without ath", "dpop_proof_malformed", { claims: { ath: undefined } }],
    ["for another token", "dpop_token_mismatch", { claims: { ath: hashOf(plainToken()) } }],
    ["of another key", "dpop_key_mismatch", { key: strangerKey }],
    [
      "of the right key, signed with another",
      "dpop_signature_invalid",
      { key: strangerKey, header: { jwk: publicJwk(clientKey) } },
    ],
  ])("%s", async (_title, reason, parts) => {
    expect(await refusalOf(parts)).toBe(reason);
  });

  test("of 1024 bits", async () => {
    const key = rsaKey("weak", "RS256", 1024);
    const weakly = boundToken({ jkt: thumbprintOf(key) });
    expect(await present(weakly, { proofs: [proofFor(weakly, { key })] })).toBe("dpop_key_weak");
  });

  test("whose algorithm the configuration does not list", async () => {
    expect(await present(token, { by: providerOf({ algorithms: ["PS256"] }) })).toBe("dpop_algorithm_not_allowed");
  });

  test("with two members of the same name", async () => {
    const [, payload, signature] = proofFor(token).split(".");
    const header = segment(`{"typ":"dpop+jwt","typ":"dpop+jwt","alg":"ES256","jwk":{}}`);
    expect(await present(token, { proofs: [`${header}.${payload}.${signature}`] })).toBe("dpop_proof_malformed");
  });

  test.each([
    ["no JWS", "x"],
    ["empty", ""],
    ["of 10 KB", "a".repeat(10_240)],
    ["the token", token],
  ])("that is %s", async (_title, proof) => {
    expect(await present(token, { proofs: [proof] })).toBe("dpop_proof_malformed");
  });

  test("that is one of two, be they in two headers or joined by a comma", async () => {
    const [one, other] = [proofFor(token), proofFor(token)];
    expect(await present(token, { proofs: [one, other] })).toBe("dpop_proof_ambiguous");
    expect(await present(token, { proofs: [one, one] })).toBe("dpop_proof_ambiguous");
    expect(await present(token, { proofs: [`${one},${other}`] })).toBe("dpop_proof_ambiguous");
    expect(await present(token, { proofs: [`${one}, `] })).toBe("dpop_proof_ambiguous");
  });

  test("that came without the others' token: one that is made for it, but with another bound key", async () => {
    const others = boundToken({ jkt: thumbprintOf(strangerKey) });
    expect(await present(others, { proofs: [proofFor(others)] })).toBe("dpop_key_mismatch");
  });
});

test("no proof fits a path whose spelling is not certain", async () => {
  const proofs = [proofFor(token, { claims: { htu: `${ORIGIN}/prod/whoami` } })];
  expect(await present(token, { proofs, target: { path: "/prod/x/../whoami" } })).toBe("dpop_path_unclear");
  expect(await present(token, { proofs, target: { path: "/prod/who ami", isDecoded: true } })).toBe(
    "dpop_path_unclear",
  );
  expect(await present(token, { proofs, target: { path: "/prod/%77hoami", isDecoded: true } })).toBe(
    "dpop_path_unclear",
  );
  expect(await present(token, { proofs, target: { path: "/prod/%77hoami" } })).toHaveProperty("subject");
});

/** The characters of ASCII, and one of two bytes, which a path of an HTTP API may have after it was decoded. */
const CHARACTERS = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), "\u00e9"];
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]$/;

describe("on an HTTP API, which hands on decoded paths, a proof", () => {
  const at = (written: string, path: string) =>
    present(token, {
      proofs: [proofFor(token, { claims: { htu: `${ORIGIN}/prod/a${written}b` } })],
      target: { path: `/prod/a${path}b`, isDecoded: true },
    });
  const encoded = (character: string) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

  test.each(CHARACTERS.filter((character) => !PLAIN.test(character)).map((each) => [encoded(each), each]))(
    "fits no path with %s, which needs encoding",
    async (written, character) => {
      expect(await at(written, character)).toBe("dpop_path_unclear");
      expect(await at(character, character)).toBe("dpop_path_unclear");
    },
  );

  test("fits a path with each of the others, plain in htu; encoded only a letter, a digit or one of -._~", async () => {
    for (const character of CHARACTERS.filter((each) => PLAIN.test(each))) {
      expect([character, await at(character, character)]).toEqual([
        character,
        expect.objectContaining({ subject: "alice" }),
      ]);
      const isUnreserved = /[A-Za-z0-9\-._~]/.test(character);
      expect([character, await at(encoded(character), character)]).toEqual([
        character,
        isUnreserved ? expect.objectContaining({ subject: "alice" }) : "dpop_url_mismatch",
      ]);
    }
  });
});

describe("accepted is a proof", () => {
  test.each<[string, ProofParts]>([
    ["of 60 seconds ago", { claims: { iat: NOW - 60 } }],
    ["of 30 seconds in the future", { claims: { iat: NOW + 30 } }],
    ["with fractions of a second", { claims: { iat: NOW - 0.5 } }],
    ["with a jti of 256 characters", { claims: { jti: "j".repeat(256) } }],
    ["with a kid beside its key", { header: { kid: "client" } }],
    ["with a kid in its key", { header: { jwk: { ...publicJwk(clientKey), kid: "mine" } } }],
    ["with a query and a fragment, which do not count", { claims: { htu: `${ORIGIN}/prod/whoami?a=b#c` } }],
    ["with the default port", { claims: { htu: `${ORIGIN}:443/prod/whoami` } }],
    ["with capital letters in scheme and host", { claims: { htu: "HTTPS://API.example.com/prod/whoami" } }],
    ["with encoded letters", { claims: { htu: `${ORIGIN}/prod/%77hoami` } }],
    ["with dot segments", { claims: { htu: `${ORIGIN}/prod/x/../whoami` } }],
    ["with further claims", { claims: { more: { deep: true } } }],
  ])("%s", async (_title, parts) => {
    expect(await refusalOf(parts)).toHaveProperty("subject");
  });

  test.each([
    ecKey("e", "ES384", "P-384"),
    ecKey("e", "ES512", "P-521"),
    edKey(),
    rsaKey("r", "RS256"),
    rsaKey("r", "PS256"),
  ])("signed with $alg", async (key) => {
    const bound = boundToken({ jkt: thumbprintOf(key) });
    expect(await present(bound, { proofs: [proofFor(bound, { key })] })).toHaveProperty("subject");
  });
});

describe("a proof is used once", () => {
  test("by one instance, which asks the table once", async () => {
    const store = memoryStore();
    const options = { by: providerOf({}, { store }), proofs: [proofFor(token)] };
    expect(await present(token, options)).toHaveProperty("subject");
    expect(await present(token, options)).toBe("dpop_proof_replayed");
    expect(store.uses).toHaveLength(1);
  });

  test("by several instances, of which the table lets one through", async () => {
    const store = memoryStore();
    const proofs = [proofFor(token)];
    const instances = Array.from({ length: 20 }, () => providerOf({}, { store }));
    const verdicts = await Promise.all(instances.map((by) => present(token, { by, proofs })));
    expect(verdicts.filter((verdict) => verdict === "dpop_proof_replayed")).toHaveLength(19);
  });

  test("also with the id of another client's proof", async () => {
    const store = memoryStore();
    const by = providerOf({}, { store });
    const others = boundToken({ jkt: thumbprintOf(strangerKey) });
    const claims = { jti: "same" };
    expect(await present(token, { by, proofs: [proofFor(token, { claims })] })).toHaveProperty("subject");
    const proof = proofFor(others, { key: strangerKey, claims });
    expect(await present(others, { by, proofs: [proof] })).toHaveProperty("subject");
    expect(await present(token, { by, proofs: [proofFor(token, { claims })] })).toBe("dpop_proof_replayed");
  });

  test("and recorded for as long as it could be accepted, under a hash of its id and its key", async () => {
    const store = memoryStore();
    const proof = proofFor(token, { claims: { iat: NOW + 20.5, jti: "my-secret-id" } });
    await present(token, { by: providerOf({ maxAge: 100 }, { store }), proofs: [proof] });
    expect(store.uses).toEqual([{ key: expect.stringMatching(/^dpop#[\w-]{43}$/), expiresAt: NOW + 20 + 102 }]);
  });

  test("and not recorded if anything else is wrong with it or with its token", async () => {
    const store = memoryStore();
    const by = providerOf({}, { store });
    const forged = `${token.slice(0, -4)}AAAA`;
    await present(token, { by, proofs: [proofFor(token, { key: strangerKey })] });
    await present(token, {
      by,
      proofs: [proofFor(token, { key: strangerKey, header: { jwk: publicJwk(clientKey) } })],
    });
    await present(token, { by, proofs: [proofFor(token, { claims: { htm: "POST" } })] });
    expect(await present(forged, { by, proofs: [proofFor(forged)] })).toBe("token_signature_invalid");
    expect(store.uses).toEqual([]);
  });

  test("or is trouble if the table cannot be written, and then accepted when it is sent again", async () => {
    const { TroubleError } = await import("../../../shared/domain/reasons/errors.ts");
    const store = memoryStore();
    let attempts = 0;
    const failing = {
      uses: store.uses,
      record: async (use: (typeof store.uses)[number]) => {
        if (attempts++ === 0) throw new TroubleError("replay_store_unavailable");
        return store.record(use);
      },
    };
    const options = { by: providerOf({}, { store: failing }), proofs: [proofFor(token)] };
    expect(await present(token, options)).toBe("replay_store_unavailable");
    expect(await present(token, options)).toHaveProperty("subject");
    expect(await present(token, options)).toBe("dpop_proof_replayed");
  });

  test("or is trouble if the table cannot be opened, and then accepted when it is sent again", async () => {
    let attempts = 0;
    const openProofStore = async () => {
      if (attempts++ === 0) throw new Error("EMFILE");
      return memoryStore();
    };
    const options = { by: providerOf({}, { openProofStore }), proofs: [proofFor(token)] };
    expect(await present(token, options)).toBe("replay_store_unavailable");
    expect(await present(token, options)).toHaveProperty("subject");
    expect(await present(token, options)).toBe("dpop_proof_replayed");
  });
});
