import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeCredential, decodeText } from "../../../providers/saml/xml/decode.ts";

const refused = (reason: string) => expect.objectContaining({ reason });
const MALFORMED = refused("assertion_malformed");
const TOO_COMPLEX = refused("assertion_too_complex");
const XML = `<a>${"å".repeat(10)}</a>`;
const SIZE = Buffer.byteLength(XML);
const plain = Buffer.from(XML).toString("base64");
const deflated = deflateRawSync(XML).toString("base64url");

describe.each([
  ["base64", plain],
  ["base64url of DEFLATE", deflated],
])("%s", (_what, value) => {
  test("is decoded up to the maximum of bytes, and refused as too complex beyond it", () => {
    expect(decodeCredential(value, SIZE)).toBe(XML);
    expect(() => decodeCredential(value, SIZE - 1)).toThrow(TOO_COMPLEX);
  });

  test("has one spelling only", () => {
    for (const other of [` ${value}`, `${value}\n`, `${value}=`, `${value}A`, value.slice(0, -1)]) {
      expect(() => decodeCredential(other, 1000)).toThrow(MALFORMED);
    }
  });
});

describe("is refused as malformed:", () => {
  const deflate = (text: string | Buffer) => deflateRawSync(text).toString("base64url");
  test.each([
    ["nothing", ""],
    ["base64 of no markup", Buffer.from("hello").toString("base64")],
    ["DEFLATE of no markup", deflate("hello")],
    ["DEFLATE of nothing", deflate("")],
    ["white space before the markup", Buffer.from(" <a/>").toString("base64")],
    ["white space before deflated markup", deflate(" <a/>")],
    ["a byte order mark before deflated markup", deflate("\ufeff<a/>")],
    ["deflated text that is not UTF-8", deflate(Buffer.from("<a>\xff</a>", "latin1"))],
  ])("%s", (_what, value) => {
    expect(() => decodeCredential(value, 1000)).toThrow(MALFORMED);
  });
});

test("a byte order mark is not removed, so that a decrypted text with one is refused", () => {
  expect(decodeText(Buffer.from("\ufeff<a/>"), 100)).toBe("\ufeff<a/>");
});
