import { createPublicKey, type JsonWebKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readKeySet } from "../../../providers/jwt/key-set.ts";
import { ecKey, edKey, rsaKey, type SigningKey } from "./mint.ts";

const rsa = rsaKey();
const ec = ecKey();
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const { alg: _, ...unbound } = rsa.jwk;

/** The algorithms of tokens that a set has a key for. */
const algorithmsOf = (jwks: unknown[], algorithms = ALGORITHMS) => {
  const set = readKeySet(jwks, algorithms);
  return algorithms.filter((algorithm) => set.candidates(undefined, algorithm).length > 0);
};

describe("a key is bound to one algorithm", () => {
  test("its own, if the issuer's entry lists it", () => {
    expect(algorithmsOf([{ ...rsa.jwk, alg: "PS256" }])).toEqual(["PS256"]);
    expect(algorithmsOf([{ ...rsa.jwk, alg: "RS512" }])).toEqual([]);
  });

  test("else the first of the entry that fits it: an RSA key without alg is never used with the second", () => {
    const set = readKeySet([unbound], ALGORITHMS);
    expect(set.candidates("k1", "RS256")).toHaveLength(1);
    expect(set.candidates("k1", "PS256")).toHaveLength(0);
    expect(algorithmsOf([unbound], ["ES256", "PS256", "RS256"])).toEqual(["PS256"]);
  });

  test("and never to one of another kind of key", () => {
    expect(algorithmsOf([{ ...ec.jwk, alg: "RS256" }])).toEqual([]);
    expect(algorithmsOf([{ ...ec.jwk, alg: "ES384" }], ["ES384"])).toEqual([]);
    expect(algorithmsOf([edKey().jwk], ["Ed25519"])).toEqual(["Ed25519"]);
  });
});

describe("EdDSA and Ed25519 are two names of one algorithm (RFC 9864)", () => {
  const named = edKey().jwk;
  const { alg: _alg, ...unnamed } = named;
  test.each([
    ["EdDSA", named],
    ["Ed25519", { ...named, alg: "Ed25519" }],
    ["no algorithm", unnamed],
  ])("a key that names %s serves both, in whichever order they are allowed", (_what, jwk) => {
    expect(algorithmsOf([jwk], ["EdDSA", "Ed25519"])).toEqual(["EdDSA", "Ed25519"]);
    expect(algorithmsOf([jwk], ["Ed25519", "EdDSA"])).toEqual(["Ed25519", "EdDSA"]);
    expect(algorithmsOf([jwk], ["Ed25519"])).toEqual(["Ed25519"]);
    expect(algorithmsOf([jwk], ["EdDSA"])).toEqual(["EdDSA"]);
    expect(algorithmsOf([jwk], ["RS256", "ES256"])).toEqual([]);
  });
});

test.each(["d", "p", "q", "dp", "dq", "qi", "oth", "k"])(
  "a key with the private member %s is left out, whatever its value: its secret is no longer one",
  (name) => {
    for (const value of ["AAAA", "", null, 0, []]) {
      expect(algorithmsOf([{ ...rsa.jwk, [name]: value }, ec.jwk])).toEqual(["ES256"]);
      expect(algorithmsOf([{ ...edKey().jwk, [name]: value }, ec.jwk])).toEqual(["ES256"]);
    }
  },
);

test.each([
  ["a private key", { ...rsa.jwk, ...rsa.privateKey.export({ format: "jwk" }) }],
  ["a symmetric key", { kty: "oct", k: "AAAA", kid: "k1" }],
  ["a key for encryption", { ...rsa.jwk, use: "enc" }],
  ["a key for signing only", { ...rsa.jwk, key_ops: ["sign"] }],
  ["a key whose key_ops are no list", { ...rsa.jwk, key_ops: "verify" }],
  ["a key of an unknown kind", { ...rsa.jwk, kty: "AKP" }],
  ["a key of an unknown curve", { ...ec.jwk, crv: "secp256k1" }],
  ["a damaged key", { ...ec.jwk, x: "AAAA" }],
  ["what is no key", null],
])("%s is left out, and takes no other key with it", (_what, entry) => {
  expect(algorithmsOf([entry, ec.jwk])).toEqual(["ES256"]);
});

test.each<[string, SigningKey]>([
  ["RSA", rsa],
  ["EC", ec],
  ["OKP", edKey()],
])("a whole private key of the kind %s is left out, although its public part could be taken of it", (_kind, key) => {
  const jwk = { ...key.jwk, ...key.privateKey.export({ format: "jwk" }) };
  expect(createPublicKey({ format: "jwk", key: jwk as JsonWebKey }).equals(key.publicKey)).toBe(true);
  expect(algorithmsOf([jwk])).toEqual([]);
});

test.each([
  ["use is sig", { use: "sig" }],
  ["key_ops are to verify", { key_ops: ["verify"] }],
  ["key_ops are to verify, among others", { key_ops: ["sign", "verify"] }],
  ["use and key_ops are for signatures", { use: "sig", key_ops: ["verify"] }],
])("a key whose %s is taken", (_what, members) => {
  expect(algorithmsOf([{ ...rsa.jwk, ...members }])).toEqual(["RS256"]);
});

test("a weak key whose kid is no text counts among those without a kid", () => {
  const weak = rsaKey("old", "RS256", 1024).jwk;
  expect(readKeySet([{ ...weak, kid: 5 }], ALGORITHMS).isWeak(undefined)).toBe(true);
  expect(readKeySet([{ ...weak, kid: null }], ALGORITHMS).isWeak(undefined)).toBe(true);
});

test("a kid that stands for a weak key and for a sound one of another algorithm is weak", () => {
  const weak = rsaKey("e1", "RS256", 1024).jwk;
  expect(readKeySet([weak, ec.jwk], ALGORITHMS).isWeak("e1")).toBe(true);
  expect(readKeySet([ec.jwk, weak], ALGORITHMS).isWeak("e1")).toBe(true);
});

test("a weak key is left out and remembered", () => {
  const set = readKeySet([rsaKey("old", "RS256", 1024).jwk, rsa.jwk], ALGORITHMS);
  expect(set.candidates(undefined, "RS256")).toEqual(set.candidates("k1", "RS256"));
  expect(set.candidates("old", "RS256")).toEqual([]);
  expect([set.isWeak("old"), set.isWeak("k1"), set.isWeak(undefined)]).toEqual([true, false, false]);
});

test("a kid that is published twice has both keys as candidates, and not more than four", () => {
  expect(readKeySet([rsa.jwk, rsaKey().jwk], ALGORITHMS).candidates("k1", "RS256")).toHaveLength(2);
  expect(readKeySet(Array(9).fill(rsa.jwk), ALGORITHMS).candidates("k1", "RS256")).toHaveLength(4);
  expect(readKeySet(Array(9).fill(rsa.jwk), ALGORITHMS).candidates(undefined, "RS256")).toHaveLength(4);
});

describe("in a set of many keys", () => {
  const many = Array.from({ length: 300 }, (_, index) => ({ ...ec.jwk, kid: `e${index}` }));

  test("a token finds its key by its kid, wherever it stands", () => {
    const set = readKeySet([...many, rsa.jwk], ALGORITHMS);
    expect(set.candidates("k1", "RS256")).toHaveLength(1);
    expect(set.candidates("e299", "ES256")).toHaveLength(1);
    expect(set.candidates("e300", "ES256")).toHaveLength(0);
    expect(readKeySet([...many, rsaKey("old", "RS256", 1024).jwk], ALGORITHMS).isWeak("old")).toBe(true);
  });

  test("a token without a kid is tried with the first four that fit", () => {
    const set = readKeySet([...many, rsa.jwk], ALGORITHMS);
    expect(set.candidates(undefined, "RS256")).toHaveLength(1);
    expect(set.candidates(undefined, "ES256")).toHaveLength(4);
  });

  test("a token that comes again gets the same key", () => {
    const set = readKeySet(many, ALGORITHMS);
    expect(set.candidates("e7", "ES256")[0]).toBe(set.candidates("e7", "ES256")[0]);
  });
});

test.each<[string, boolean, unknown[]]>([
  ["nothing", true, []],
  [
    "private and damaged keys alone",
    true,
    [
      { ...rsa.jwk, d: "AAAA" },
      { ...ec.jwk, x: "AAAA" },
    ],
  ],
  ["keys for algorithms that the entry does not list", true, [{ ...rsa.jwk, alg: "RS512" }]],
  ["a key of use behind damaged ones", false, [...Array(300).fill({ ...ec.jwk, x: "AAAA" }), ec.jwk]],
  ["a weak key alone", false, [rsaKey("old", "RS256", 1024).jwk]],
])("a set of %s is empty: %s", (_what, isEmpty, jwks) => {
  expect(readKeySet(jwks, ALGORITHMS).isEmpty()).toBe(isEmpty);
});
