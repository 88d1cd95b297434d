import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesText } from "../../../../shared/domain/text/text-pattern.ts";

const MAIN = "repo:acme/*:ref:refs/heads/main";

describe("a pattern matches", () => {
  test.each([
    [MAIN, "repo:acme/app:ref:refs/heads/main"],
    [MAIN, "repo:acme/a.b-c_d:ref:refs/heads/main"],
    ["repo:acme@1/*@*:environment:prod", "repo:acme@1/app@22:environment:prod"],
    ["gold-*", "gold-plus"],
    ["gold-*", "gold-"],
    ["*", ""],
    ["*", "anything at all\nwith two lines"],
    ["a*b*c", "a b b c"],
    ["*aab", "aaab"],
    ["?", "?"],
    ["a.c", "a.c"],
    ["ü*", "übung"],
  ])("%j: %j", (pattern, text) => {
    expect(matchesText(pattern, text)).toBe(true);
  });
});

describe("a pattern does not match", () => {
  test.each([
    ["another owner that begins alike", MAIN, "repo:acme-evil/app:ref:refs/heads/main"],
    ["an owner with an id, if the pattern has none", MAIN, "repo:acme@1/app@2:ref:refs/heads/main"],
    ["a repository with a slash in it", MAIN, "repo:acme/a/b:ref:refs/heads/main"],
    ["a branch whose name ends as the pattern does", MAIN, "repo:acme/app:ref:refs/heads/x:ref:refs/heads/main"],
    ["an environment named like the rest of the pattern", MAIN, "repo:acme/app:environment:x:ref:refs/heads/main"],
    ["a branch below it", "repo:acme/app:ref:refs/heads/release/*", "repo:acme/app:ref:refs/heads/release/1/x"],
    ["a branch above it", "repo:acme/app:ref:refs/heads/*", "repo:acme/app:ref:refs/heads/feature/x"],
    ["something before it", "acme", "xacme"],
    ["something behind it", "acme", "acme\n"],
    ["another case of letters", "gold-*", "Gold-plus"],
    ["any character for a question mark", "a?c", "abc"],
    ["any character for a dot", "a.c", "abc"],
    ["the same characters twice at once", "ab*ba", "aba"],
    ["literals in another order", "*b*a*", "aab"],
  ])("%s: %j, %j", (_what, pattern, text) => {
    expect(matchesText(pattern, text)).toBe(false);
  });
});

/** The same by a regular expression, which the code does without. */
const byExpression = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replaceAll("\\*", "[^/:]*")}$`, "s").test(text);

/** Few characters, so that patterns match often. */
const texts = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 });

test("a pattern matches what a regular expression in its place matches", () => {
  const pairs = fc.tuple(texts("ab*/:"), texts("ab/:*\n."));
  fc.assert(
    fc.property(pairs, ([pattern, text]) => {
      expect(matchesText(pattern, text)).toBe(byExpression(pattern, text));
    }),
    { numRuns: 5000 },
  );
});

test("a text from a pattern matches it if what stands for '*' has no delimiter, and else never by that alone", () => {
  const filling = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(MAIN, "repo:acme/app:ref:refs/heads/*", "a*/b:c"), filling, (pattern, value) => {
      expect(
        matchesText(
          pattern,
          pattern.replace("*", () => value),
        ),
      ).toBe(!/[/:]/.test(value));
    }),
  );
});
