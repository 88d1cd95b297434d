import { describe, expect, test } from "vitest";
import { candidates, readKeySet } from "../../../providers/jwt/key-set.ts";
import { ecKey, edKey, rsaKey } from "./mint.ts";

const rsa = rsaKey();
const ec = ecKey();
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const { alg: _, ...unbound } = rsa.jwk;

const algorithmsOf = (jwks: unknown[], algorithms = ALGORITHMS) =>
  readKeySet(jwks, algorithms).keys.map(({ algorithm }) => algorithm);

describe("a key is bound to one algorithm", () => {
  test("its own, if the issuer's entry lists it", () => {
    expect(algorithmsOf([{ ...rsa.jwk, alg: "PS256" }])).toEqual(["PS256"]);
    expect(algorithmsOf([{ ...rsa.jwk, alg: "RS512" }])).toEqual([]);
  });

  test("else the first of the entry that fits it: an RSA key without alg is never used with the second", () => {
    const set = readKeySet([unbound], ALGORITHMS);
    expect(candidates(set, "k1", "RS256")).toHaveLength(1);
    expect(candidates(set, "k1", "PS256")).toHaveLength(0);
    expect(algorithmsOf([unbound], ["ES256", "PS256", "RS256"])).toEqual(["PS256"]);
  });

  test("and never to one of another kind of key", () => {
    expect(algorithmsOf([{ ...ec.jwk, alg: "RS256" }])).toEqual([]);
    expect(algorithmsOf([{ ...ec.jwk, alg: "ES384" }], ["ES384"])).toEqual([]);
    expect(algorithmsOf([edKey().jwk], ["Ed25519"])).toEqual(["Ed25519"]);
  });
});

test.each([
  ["a private key", { ...rsa.jwk, ...rsa.privateKey.export({ format: "jwk" }) }],
  ["a symmetric key", { kty: "oct", k: "AAAA", kid: "k1" }],
  ["a key for encryption", { ...rsa.jwk, use: "enc" }],
  ["a key for signing only", { ...rsa.jwk, key_ops: ["sign"] }],
  ["a key of an unknown kind", { ...rsa.jwk, kty: "AKP" }],
  ["a key of an unknown curve", { ...ec.jwk, crv: "secp256k1" }],
  ["a damaged key", { ...ec.jwk, x: "AAAA" }],
  ["what is no key", null],
])("%s is left out, and takes no other key with it", (_what, entry) => {
  expect(algorithmsOf([entry, ec.jwk])).toEqual(["ES256"]);
});

test("a weak key is left out and remembered", () => {
  const set = readKeySet([rsaKey("old", "RS256", 1024).jwk, rsa.jwk], ALGORITHMS);
  expect(set.keys.map(({ kid }) => kid)).toEqual(["k1"]);
  expect(set.weak.has("old")).toBe(true);
});

test("a kid that is published twice has both keys as candidates, and not more than four", () => {
  expect(candidates(readKeySet([rsa.jwk, rsaKey().jwk], ALGORITHMS), "k1", "RS256")).toHaveLength(2);
  expect(candidates(readKeySet(Array(9).fill(rsa.jwk), ALGORITHMS), "k1", "RS256")).toHaveLength(4);
});

test("no more keys are looked at than a set can sensibly have", () => {
  expect(readKeySet([...Array(64).fill(null), rsa.jwk], ALGORITHMS).keys).toEqual([]);
});
