import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { AssertionCache, digestOf } from "../../../providers/saml/assertion-cache.ts";
import type { VerifiedAssertion } from "../../../providers/saml/verify.ts";
import { NOW } from "../../fixtures.ts";

const verified = (until = NOW + 300) => ({ until }) as VerifiedAssertion;

describe("the cache of verified assertions", () => {
  let cache: AssertionCache;
  beforeEach(() => {
    cache = new AssertionCache();
  });

  test("finds an assertion by its digest until it ends, and not before it was verified", () => {
    const mine = verified(NOW + 60);
    cache.add("mine", mine, NOW);
    for (const time of [NOW, NOW + 59]) expect(cache.find("mine", time)).toBe(mine);
    for (const time of [NOW - 1, NOW + 60, NOW + 61]) expect(cache.find("mine", time)).toBeUndefined();
    expect(cache.find("other", NOW)).toBeUndefined();
  });

  test("keeps a thousand assertions, and removes the oldest for one more", () => {
    const first = verified();
    cache.add("first", first, NOW);
    for (let i = 0; i < 999; i++) cache.add(`_${i}`, verified(), NOW);
    expect(cache.find("first", NOW)).toBe(first);
    cache.add("last", verified(), NOW);
    expect(cache.find("first", NOW)).toBeUndefined();
    expect(cache.find("_0", NOW)).toBeDefined();
    expect(cache.find("last", NOW)).toBeDefined();
  });

  test("counts an assertion that is verified again as the newest, and once", () => {
    cache.add("again", verified(), NOW);
    for (let i = 0; i < 999; i++) cache.add(`_${i}`, verified(), NOW);
    const newer = verified(NOW + 900);
    cache.add("again", newer, NOW + 1);
    expect(cache.find("_0", NOW)).toBeDefined();
    cache.add("last", verified(), NOW);
    expect(cache.find("_0", NOW)).toBeUndefined();
    expect(cache.find("again", NOW + 1)).toBe(newer);
  });

  test("counts it as the newest also while there is room", () => {
    cache.add("again", verified(), NOW);
    for (let i = 0; i < 998; i++) cache.add(`_${i}`, verified(), NOW);
    cache.add("again", verified(), NOW);
    for (const last of ["last", "very last"]) cache.add(last, verified(), NOW);
    expect(cache.find("_0", NOW)).toBeUndefined();
    expect(cache.find("again", NOW)).toBeDefined();
  });

  test("has the whole SHA-256 as the digest of a credential", () => {
    expect(digestOf("a")).toBe(createHash("sha256").update("a").digest("base64"));
    expect(digestOf("a")).toBe(digestOf("a"));
    expect(digestOf("a")).not.toBe(digestOf("A"));
    expect(digestOf("a")).not.toBe(digestOf("a "));
  });
});
