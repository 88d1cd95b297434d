import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizedUri, requestedPath } from "../../../providers/confirmation/dpop/target-uri.ts";

describe("one URI is, after RFC 3986,", () => {
  const SAME: [string, string][] = [
    ["https://api.example.com/a", "HTTPS://Api.Example.COM/a"],
    ["https://api.example.com/a", "https://api.example.com:443/a"],
    ["https://api.example.com/a", "https://api.example.com:0443/a"],
    ["http://127.0.0.1:4000/a", "http://127.0.0.1:04000/a"],
    ["http://api.example.com/", "http://api.example.com:80"],
    ["https://api.example.com/", "https://api.example.com?x"],
    ["https://api.example.com/a", "https://api.example.com/a#b?c"],
    ["https://api.example.com/a~b", "https://api.example.com/a%7eb"],
    ["https://api.example.com/a%2Fb", "https://api.example.com/a%2fb"],
    ["https://api.example.com/a/c", "https://api.example.com/a/./b/../c"],
    ["https://api.example.com/c", "https://api.example.com/%2e%2E/%2e/c"],
    ["https://api.example.com/a/", "https://api.example.com/a/b/.."],
    ["https://api.example.com/a/", "https://api.example.com/a/."],
    ["https://api.example.com/", "https://api.example.com/../.."],
    ["https://[2001:db8::1]/a", "https://[2001:DB8::1]:443/a"],
  ];
  test.each(SAME)("%s and %s", (normal, spelling) => {
    expect(normalizedUri(spelling)).toBe(normal);
    expect(normalizedUri(normal)).toBe(normal);
  });
});

test.each([
  ["an encoded slash is not a slash", "https://a/b%2Fc", "https://a/b/c"],
  ["letters in another case are another path", "https://a/b", "https://a/B"],
  ["a slash at the end counts", "https://a/b", "https://a/b/"],
  ["an empty segment counts", "https://a/b", "https://a//b"],
  ["a dot behind the host counts", "https://a/b", "https://a./b"],
  ["http is not https", "https://a/b", "http://a/b"],
])("%s", (_title, one, other) => {
  expect(normalizedUri(one)).not.toBe(normalizedUri(other));
});

test.each([
  "",
  "/a",
  "//a/b",
  "ftp://a/b",
  "https:/a/b",
  "https://user@a/b",
  "https://user:password@a/b",
  "https://a:/b",
  "https://a:b/c",
  "https://a:123456/b",
  "https://ä/b",
  "https://%61/b",
  "https://a\\b",
  "https://a/b\\c",
  "https://a/b c",
  "https://a/b\tc",
  "https://a/b\n",
  "https://a/%",
  "https://a/%4",
  "https://a/%zz",
  "https://a/ä",
  " https://a/b",
  "https://a/<b>",
])("no URI is made of %j", (text) => {
  expect(normalizedUri(text)).toBeUndefined();
});

test("a normalized URI is the one of a normalized URI", () => {
  const segment = fc.stringMatching(/^([a-z.~%]|%2[EeFf]|%7[Ee]|\.\.|[!$&'()*+,;=:@-]){0,4}$/);
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
      const normal = normalizedUri(`https://a/${segments.join("/")}`);
      fc.pre(normal !== undefined);
      expect(normalizedUri(normal)).toBe(normal);
      expect(new URL(normal).pathname).toBe(normal.slice("https://a".length));
    }),
  );
});

describe("the path of a request", () => {
  test.each([
    ["/prod/a%2fb", "/prod/a%2Fb"],
    ["/prod/%61", "/prod/a"],
    ["/", "/"],
    ["//a", "//a"],
  ])("%s of a REST API is %s", (path, normal) => {
    expect(requestedPath(path, false)).toBe(normal);
  });

  test.each(["", "a", "/a b", "/ä", "/a/../b", "/a/%2e%2e/b", "/a/.", "/%", "/a?b", "/a\\b"])(
    "%j is not certain, and so fits no proof",
    (path) => {
      expect(requestedPath(path, false)).toBeUndefined();
      expect(requestedPath(path, true)).toBeUndefined();
    },
  );

  test("of an HTTP API, which has decoded it, is not certain if it needs encoding", () => {
    expect(requestedPath("/prod/a", true)).toBe("/prod/a");
    for (const path of ["/a%2Fb", "/100%25", "/a b", "/λ", "/literal%value", "/hash#value"]) {
      expect(requestedPath(path, true)).toBeUndefined();
    }
  });
});
