import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStrictJson, parseStrictObject } from "../../../../shared/infrastructure/json/strict-json.ts";

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text));

test("parses valid JSON as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe("refuses", () => {
  test.each([
    ["a duplicate member", '{"a":1,"a":2}'],
    ["a nested duplicate member", '[{"b":{"a":1,"c":[],"a":2}}]'],
    ["a duplicate member with an escape", '{"sub":1,"\\u0073ub":2}'],
    ["a duplicate name that contains quotes", '{"a\\"":1,"a\\u0022":2}'],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["text that is not JSON", "{a:1}"],
    ["text after the value", '{"a":1}x'],
    ["an unterminated string", '{"a":"'],
    ["nothing", ""],
  ])("%s", (_what, text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  test("text that is not UTF-8", () => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toThrow(SyntaxError);
  });

  test.each(["[]", "null", '"a"', "1"])("%s instead of an object", (text) => {
    expect(() => parseStrictObject(new TextEncoder().encode(text))).toThrow(SyntaxError);
  });

  test("every inserted duplicate member", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(object, fc.nat(), (value, index) => {
        const names = Object.keys(value);
        const name = names[index % names.length] ?? "";
        const text = JSON.stringify(value);
        expect(() => parse(`${text.slice(0, -1)},${JSON.stringify(name)}:0}`)).toThrow(SyntaxError);
      }),
    );
  });
});

test("keeps a member named __proto__ as an own member", () => {
  const value = parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value.admin).toBeUndefined();
});

test("parses a text of many quotes in linear time", () => {
  expect(() => parse(`"${'\\"'.repeat(2_000_000)}`)).toThrow(SyntaxError);
});

test.each([
  ["in an object", "{"],
  ["in an array", "["],
  ["outside", ""],
  ["in many objects", "[{:},"],
])("parses a text of a long name and many colons %s in linear time", (_where, start) => {
  const name = `"\\u0061${"a".repeat(200_000)}"`;
  const colons = start === "[{:}," ? "{:},".repeat(200_000) : ":".repeat(200_000);
  expect(() => parse(start + name + colons)).toThrow(SyntaxError);
});

test("parses valid JSON after bytes that were not UTF-8", () => {
  const broken = () => parseStrictJson(Uint8Array.from([0x22, 0xe2, 0x82]));
  expect(broken).toThrow(SyntaxError);
  expect(parseStrictJson(Buffer.from('"é"'))).toBe("é");
});
