import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskUrls, printable } from "../../../../shared/domain/config/printable.ts";

describe("printable shows", () => {
  test.each([
    ["RS256", "RS256"],
    ["/tenants/{tenant}/orders", "/tenants/{tenant}/orders"],
    ["https://id.example.com/keys", "https://id.example.com/keys"],
    ["https://alice:s3cret@id.example.com/keys", "https://…@id.example.com/keys"],
    ["https://alice:a@b/c d@id.example.com/keys", "https://…@id.example.com/keys"],
    ["alice:s3cret@id.example.com", "…@id.example.com"],
    ["https://id.example.com/keys?token=s3cret", "https://id.example.com/keys?…"],
    ["https://id.example.com/keys#s3cret", "https://id.example.com/keys?…"],
    [`https://id.example.com/${"a/".repeat(40)}`, "https://id.example.com/…"],
    ["https://hooks.example.com/services/T0a1b2c3d4e5f6a7b8c9", "https://hooks.example.com/…"],
    ['say "hi"', 'say \\"hi\\"'],
    ["", ""],
  ])("%s as %s", (text, shown) => {
    expect(printable(text)).toBe(`"${shown}"`);
  });
});

describe("printable shows nothing of", () => {
  test.each([
    ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIE"],
    ["the beginning of a private key", "-----BEGIN"],
    ["a text of several lines", "a\nb"],
    ["a long text", "a b ".repeat(16)],
    ["a JWT", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"],
    ["an API key", "sp_live_8J2kQp0vXnYd3RtL_1q2w3e4r5t6y"],
    ["an AWS access key ID", "AKIAIOSFODNN7EXAMPLE"],
    ["32 bytes in hex", "0123456789abcdef0123456789abcdef"],
    ["32 letters", "abcdefghijklmnopqrstuvwxyzabcdef"],
    ["bytes in base64", "c2VjcmV0LXNlY3JldC1vZi1hbGw="],
  ])("%s", (_what, text) => {
    expect(printable(text)).toBeUndefined();
  });
});

test("never shows the password of a URL", () => {
  const password = fc.string({ minLength: 6, maxLength: 40, unit: fc.constantFrom(..."ab1:/@?#%&= .!$\\") });
  fc.assert(
    fc.property(fc.constantFrom("https", "http", "postgres", "amqps"), password, (scheme, secret) => {
      fc.pre(!"x.example.com/a".includes(secret));
      expect(printable(`${scheme}://user:${secret}@x.example.com/a`) ?? "").not.toContain(secret);
    }),
    { numRuns: 1000 },
  );
});

test("masks only the URLs of a message", () => {
  expect(maskUrls('cannot fetch "https://a:b@c.example/d?e=f#g" (ENOTFOUND), ask admin@c.example')).toBe(
    'cannot fetch "https://…@c.example/d?…" (ENOTFOUND), ask admin@c.example',
  );
});
