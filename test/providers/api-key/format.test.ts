import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateApiKey, parseApiKey } from "../../../providers/api-key/format.ts";
import { isKeyId } from "../../../shared/domain/principal/key-id.ts";

const reasonFor = (text: string) => {
  try {
    parseApiKey(text, "sp");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

test("a key consists of prefix, environment, ID, secret and checksum, without separators that end a double click", () => {
  const { text, id } = generateApiKey("sp", "live");
  expect(text).toMatch(/^sp_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
  expect(parseApiKey(text, "sp")).toEqual({ environment: "live", id, text });
});

test("a prefix and an environment have up to 16 characters each", () => {
  const [prefix, environment] = ["p".repeat(16), "e".repeat(16)];
  const { text, id } = generateApiKey(prefix, environment);
  expect(parseApiKey(text, prefix)).toEqual({ environment, id, text });
  expect(() => parseApiKey(`${text}0`, prefix)).toThrow("credential_too_large");
  expect(() => parseApiKey(generateApiKey("sp", "e".repeat(17)).text, "sp")).toThrow("key_malformed");
});

test("an id is 16 letters and digits, and neither a whole key nor a part of another text", () => {
  const { text, id } = generateApiKey("sp", "live");
  expect(isKeyId(id)).toBe(true);
  for (const other of [text, `x${id}`, `${id}x`, id.slice(1), `${id}\n`, ""]) expect(isKeyId(other)).toBe(false);
});

test("generates different keys with evenly distributed characters", () => {
  const keys = Array.from({ length: 400 }, () => generateApiKey("sp", "live").text.slice(25, 68));
  expect(new Set(keys).size).toBe(400);
  const counts = Map.groupBy(keys.join(""), (character) => character);
  expect(counts.size).toBe(62);
  // 17,200 characters of 62: 277 of each, give or take seven standard deviations.
  for (const { length } of counts.values()) expect(Math.abs(length - 277)).toBeLessThan(120);
});

test("the checksum is the CRC-32 of what stands before it, in base62: keys that were issued stay valid", () => {
  const body = `sp_live_${"0".repeat(16)}_${"0".repeat(43)}`;
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const places = [5n, 4n, 3n, 2n, 1n, 0n].map((power) => (BigInt(crc32(body)) / 62n ** power) % 62n);
  const key = body + places.map((place) => digits[Number(place)]).join("");
  expect(parseApiKey(key, "sp").id).toBe("0".repeat(16));
});

describe("refuses without reading the table", () => {
  const { text } = generateApiKey("sp", "live");
  test.each([
    ["another prefix", text.replace("sp_", "sk_"), "key_malformed"],
    ["a key without checksum", text.slice(0, -6), "key_malformed"],
    ["a key with a part missing", text.replace("_live", ""), "key_malformed"],
    ["white space", `${text} `, "key_malformed"],
    ["a character before the key", `!${text}`, "key_malformed"],
    ["a line break", `${text}\n`, "key_malformed"],
    ["a capital in the environment", text.replace("live", "Live"), "key_malformed"],
    ["the prefix alone", "sp_", "key_malformed"],
    ["a key that is too long", `${text}${"x".repeat(100)}`, "credential_too_large"],
    ["a guess", `sp_live_${"a".repeat(16)}_${"b".repeat(49)}`, "key_checksum_mismatch"],
  ])("%s", (_what, key, reason) => {
    expect(reasonFor(key)).toBe(reason);
  });

  test("every key with one wrong character, and every key with two characters swapped", () => {
    const index = fc.integer({ min: 8, max: text.length - 1 });
    const character = fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    fc.assert(
      fc.property(index, character, (at, replacement) => {
        fc.pre(text[at] !== replacement && text[at] !== "_");
        expect(reasonFor(text.slice(0, at) + replacement + text.slice(at + 1))).toBe("key_checksum_mismatch");
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(index, (at) => {
        const [a = "", b = ""] = text.slice(at, at + 2);
        fc.pre(a !== b && a !== "_" && b !== "_" && b !== "");
        expect(reasonFor(text.slice(0, at) + b + a + text.slice(at + 2))).toBe("key_checksum_mismatch");
      }),
    );
  });
});
