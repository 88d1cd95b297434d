import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesPattern, mayOverlap, withoutCovered } from "../../../shared/policy/resource-pattern.ts";

describe("matchesPattern", () => {
  test.each([
    ["a", "a", true],
    ["a", "A", false],
    ["a*", "a/b/c", true],
    ["*/profile", "users/1/x/profile", true],
    ["a?c", "a/c", true],
    ["a?c", "ac", false],
    ["*", "", true],
    ["", "a", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a.c", "abc", false],
  ])("%j on %j: %s", (pattern, value, expected) => {
    expect(matchesPattern(pattern, value)).toBe(expected);
  });

  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?") });

  test("agrees with the regular expression that the pattern stands for", () => {
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom("a", "b", "/") }), (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matchesPattern(pattern, value)).toBe(expression.test(value));
      }),
    );
  });

  test("a pattern made to backtrack costs no more than any other", () => {
    expect(matchesPattern(`${"*a".repeat(200)}b`, "a".repeat(20_000))).toBe(false);
  });
});

const pattern = fc
  .string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 6 })
  .map((text) => text.replace(/\*+/g, "*"));
const value = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 6 });

test("leaving out covered patterns changes nothing of what is matched", () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), value, (patterns, candidate) => {
      const matches = (list: readonly string[]) => list.some((each) => matchesPattern(each, candidate));
      expect(matches(withoutCovered(patterns))).toBe(matches(patterns));
    }),
  );
});

test("patterns with a common value are said to overlap", () => {
  fc.assert(
    fc.property(pattern, pattern, value, (left, right, candidate) => {
      fc.pre(matchesPattern(left, candidate) && matchesPattern(right, candidate));
      expect(mayOverlap(left, right)).toBe(true);
    }),
  );
});

test.each([
  ["GET/orders", "GET/users", false],
  ["GET/orders/*", "GET/users/*", false],
  ["GET/orders", "GET/orders", true],
  ["GET/orders/*", "GET/orders/1", true],
])("%s and %s overlap: %s", (left, right, expected) => {
  expect(mayOverlap(left, right)).toBe(expected);
});
