import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { keyOptions } from "../../../providers/api-key/issue.ts";

const mistakeIn = (options: object) => {
  const result = v.safeParse(keyOptions, { name: "Partner", ...options });
  return result.success ? undefined : result.issues[0].message;
};

test("a key without options has no scope, no role, no address and no attribute", () => {
  expect(v.parse(keyOptions, { name: "Partner" })).toEqual({
    ...{ name: "Partner", scopes: [], roles: [], addresses: [], attributes: {} },
  });
});

describe("a key is not issued, and the mistake is named, with", () => {
  test.each<[string, object, string]>([
    ["65 addresses", { addresses: Array.from({ length: 65 }, (_, n) => `192.0.2.${n}`) }, "up to 64 addresses"],
    ["an attribute called keyId", { attributes: { keyId: "x" } }, "names other than keyId"],
    ["an attribute of 1,025 characters", { attributes: { plan: "x".repeat(1025) } }, "texts of up to 1,024 characters"],
    ["an attribute that is not exact", { attributes: { level: 2 ** 53 } }, "a number that is exact in the table"],
    ["an attribute with half a character", { attributes: { plan: "a\ud800" } }, "text without lone surrogates"],
    ["a short usage key", { usageIdentifierKey: "x".repeat(19) }, "20 to 128 letters, digits, '-' or '_'"],
    ["a subject that ends with a space", { subject: "partner " }, "without white space at its edges"],
    ["no time", { expiresIn: 0 }, ">=1"],
  ])("%s", (_, options, mistake) => {
    expect(mistakeIn(options)).toContain(mistake);
  });

  test("but is with what just fits", () => {
    const addresses = Array.from({ length: 64 }, (_, n) => `192.0.2.${n}`);
    expect(mistakeIn({ addresses, attributes: { plan: "x".repeat(1024) }, expiresIn: 1 })).toBeUndefined();
    for (const length of [20, 128]) expect(mistakeIn({ usageIdentifierKey: "x".repeat(length) })).toBeUndefined();
  });
});
