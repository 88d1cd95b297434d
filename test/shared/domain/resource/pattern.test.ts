import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesPattern, overlaps, withoutCovered } from "../../../../shared/domain/resource/pattern.ts";

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

  test("agrees with the equivalent regular expression", () => {
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom("a", "b", "/") }), (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matchesPattern(pattern, value)).toBe(expression.test(value));
      }),
    );
  });

  test("matches a pattern with many wildcards in polynomial time", () => {
    expect(matchesPattern(`${"*a".repeat(200)}b`, "a".repeat(20_000))).toBe(false);
  });
});

const pattern = fc
  .string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 6 })
  .map((text) => text.replace(/\*+/g, "*"));
const value = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 6 });

test("withoutCovered does not change what is matched", () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), value, (patterns, candidate) => {
      const matches = (list: readonly string[]) => list.some((each) => matchesPattern(each, candidate));
      expect(matches(withoutCovered(patterns))).toBe(matches(patterns));
    }),
  );
});

test("overlaps is true for patterns with a common value", () => {
  fc.assert(
    fc.property(pattern, pattern, value, (left, right, candidate) => {
      fc.pre(matchesPattern(left, candidate) && matchesPattern(right, candidate));
      expect(overlaps(left, right)).toBe(true);
    }),
  );
});

test("overlaps is true only for patterns with a common value", () => {
  fc.assert(
    fc.property(pattern, pattern, (left, right) => {
      fc.pre(overlaps(left, right));
      // Texts that a wildcard may have to match: all literal parts of both patterns, in both orders.
      const parts = (text: string) => text.split("*");
      const fill = [...parts(left).slice(1), ...parts(right).slice(1)].join("");
      const candidates = [left, right].flatMap((text) =>
        text.includes("*")
          ? [fill, "", parts(right).join(""), parts(left).join("")].map((middle) =>
              text.replace("*", middle).replaceAll("*", ""),
            )
          : [text],
      );
      const both = [parts(left), parts(right)].map((list) => [
        list[0] ?? "",
        list.slice(1, -1).join(""),
        list.at(-1) ?? "",
      ]);
      const longest = (index: 0 | 2) =>
        both.map((list) => list[index] ?? "").sort((one, other) => other.length - one.length)[0];
      candidates.push(`${longest(0)}${both.map((list) => list[1]).join("")}${longest(2)}`);
      expect(candidates.some((text) => matchesPattern(left, text) && matchesPattern(right, text))).toBe(true);
    }),
  );
});

test.each([
  ["GET/*/a", "GET/*/b", false],
  ["GET/a*", "GET/*b", true],
  ["GET/orders", "GET/users", false],
  ["GET/orders/*", "GET/users/*", false],
  ["GET/orders", "GET/orders", true],
  ["GET/orders/*", "GET/orders/1", true],
])("%s and %s overlap: %s", (left, right, expected) => {
  expect(overlaps(left, right)).toBe(expected);
});
