import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hasRocaFingerprint, isWeakRsaKey } from "../../../providers/jwt/weak-rsa.ts";

const E = "AQAB";
const base64url = (value: bigint) => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
};

/** The product of the primes of which the flawed generator made its numbers. */
const PRIMES = Array.from({ length: 166 }, (_, index) => BigInt(index + 2)).filter(
  (n) => n > 2n && Array.from({ length: Number(n) - 2 }, (_, index) => BigInt(index + 2)).every((d) => n % d !== 0n),
);
const M = PRIMES.reduce((product, prime) => product * prime, 1n);

const power = (base: bigint, exponent: number, modulus: bigint) => {
  let result = 1n;
  for (let i = 0; i < exponent; i++) result = (result * base) % modulus;
  return result;
};

/** A number as the flawed generator made its primes. */
const flawed = (k: bigint, a: number) => k * M + power(65_537n, a, M);

describe("the fingerprint of CVE-2017-15361", () => {
  test("is on products of numbers from the flawed generator", () => {
    expect(hasRocaFingerprint(flawed(12_345n << 700n, 17) * flawed(54_321n << 700n, 99))).toBe(true);
  });

  test("is not on a modulus of a sound generator", () => {
    const { n } = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
    expect(isWeakRsaKey(String(n), E)).toBe(false);
  });
});

describe("weak is an RSA key", () => {
  const odd = (bits: number) => base64url((1n << BigInt(bits - 1)) + 0xd1ffbn);
  test.each([
    ["of 2047 bits", odd(2047), E, true],
    ["of 1024 bits", odd(1024), E, true],
    ["of 8193 bits", odd(8193), E, true],
    ["with the exponent 1", odd(2048), "AQ", true],
    ["with the exponent 3", odd(2048), "Aw", true],
    ["with an even exponent", odd(2048), "AQAC", true],
    ["with no exponent", odd(2048), "", true],
    ["with no modulus", "", E, true],
    ["of 2048 bits: not", odd(2048), E, false],
    ["of 8192 bits: not", odd(8192), E, false],
  ])("%s", (_what, n, e, expected) => {
    expect(isWeakRsaKey(n, e)).toBe(expected);
  });
});
