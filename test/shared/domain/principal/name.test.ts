import { describe, expect, test } from "vitest";
import { isIdentifier, isName, isScopeToken } from "../../../../shared/domain/principal/name.ts";

describe("an identifier of a caller", () => {
  test.each(["a", "alice@example.com", "Alice Example", "a\u00a0b", "ål\u0301", "👤", "x".repeat(256)])(
    "is %j",
    (text) => {
      expect(isIdentifier(text)).toBe(true);
    },
  );

  /** All that Unicode, JavaScript, Java, .NET, Python and Go have counted as white space. */
  const spaces = [
    ..."\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u180e\u2000\u2007\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff",
  ];
  test.each(spaces.map((space) => [`U+${space.charCodeAt(0).toString(16)}`, space]))(
    "has no %s at its edges, because a backend may cut it off",
    (_name, space) => {
      for (const text of [`${space}alice`, `alice${space}`, space]) expect(isIdentifier(text)).toBe(false);
    },
  );

  test.each([undefined, null, 5, "", "a\nb", "x".repeat(257), "a\ud800b", ["alice"]])("is not %j", (value) => {
    expect(isIdentifier(value)).toBe(false);
    expect(isName(value)).toBe(false);
  });
});

test.each(["a", "alice@example.com", "Domain Admins", "名前", "\u{1f600}", "\u{1f600}".repeat(256)])(
  "%j is a name",
  (text) => {
    expect(isName(text)).toBe(true);
  },
);

test.each([
  "",
  "a".repeat(257),
  "a\n",
  "\0",
  "a\u0085",
  ...["\ud800", "a\udfff", "\ud83da", "\ude00\ud83d", "\ud83d\ud83d\ude00"],
  ...[5, null, undefined, {}, ["a"]],
])("%j is no name", (value) => {
  expect(isName(value)).toBe(false);
});

test.each(["orders:read", "a".repeat(256), "!#[]~"])("%j is a scope", (text) => {
  expect(isScopeToken(text)).toBe(true);
});

test.each(["", "a b", 'a"', "a\\", "a\n", "é", "\ud800", "a".repeat(257), 5, ["a"]])("%j is no scope", (value) => {
  expect(isScopeToken(value)).toBe(false);
});
