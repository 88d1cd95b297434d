import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStrictJson, parseStrictObject } from "../../../../shared/infrastructure/json/strict-json.ts";

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text));

test("every JSON text is parsed as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe("refused is", () => {
  test.each([
    ["a duplicate member", '{"a":1,"a":2}'],
    ["a duplicate member further down", '[{"b":{"a":1,"c":[],"a":2}}]'],
    ["a duplicate member in another spelling", '{"sub":1,"\\u0073ub":2}'],
    ["a duplicate of a name with quotes in it", '{"a\\"":1,"a\\u0022":2}'],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["nesting without end", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["what is not JSON", "{a:1}"],
    ["text behind the value", '{"a":1}x'],
    ["a string without end", '{"a":"'],
    ["nothing", ""],
  ])("%s", (_what, text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  test("text that is not UTF-8", () => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toThrow(SyntaxError);
  });

  test.each(["[]", "null", '"a"', "1"])("%s where an object must stand", (text) => {
    expect(() => parseStrictObject(new TextEncoder().encode(text))).toThrow(SyntaxError);
  });

  test("any member that is put in twice", () => {
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

test("a member called __proto__ is a member like any other", () => {
  const value = parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value.admin).toBeUndefined();
});

test("a text made of quotes costs no more than its length", () => {
  expect(() => parse(`"${'\\"'.repeat(2_000_000)}`)).toThrow(SyntaxError);
});
