import { describe, expect, test } from "vitest";
import { placesIn, syntaxErrorIn } from "../../cli/config-places.ts";

/** Finds an option in a source in which « stands before the expected place. */
function find(marked: string, path: string, isJson = false) {
  const at = marked.indexOf("«");
  const before = marked.slice(0, at).split("\n");
  const place = placesIn(marked.replace("«", ""), isJson)(path);
  return { place, expected: { line: before.length, column: (before.at(-1) ?? "").length + 1 } };
}

describe("an option is found", () => {
  test.each<[string, string, string]>([
    ["in an object", "export default {\n  jwt: 1,\n  «routes: [],\n};", "routes"],
    ["in lists of objects", 'export default { a: [{ b: 1 }, { «b: "x" }] };', "a[1].b"],
    ["as an item of a list", 'export default { a: ["x",\n «"y"] };', "a[1]"],
    ["in the argument of a function", "export default defineConfig({ «a: 1 });", "a"],
    ["behind a type", "export default ({ «a: 1 } as const) satisfies object;", "a"],
    ["in a constant", "const b = [{ «c: 1 }];\nexport default { a: b };", "a[0].c"],
    ["in a constant with a type", "const config: Config = { «a: 1 };\nexport default config;", "a"],
    ["in what is spread under a condition", "export default { ...(on && { «a: 1 }) };", "a"],
    ["in one of two alternatives", "export default { ...(on ? { b: 1 } : { «a: 1 }) };", "a"],
    [
      "under a name in quotes with dots in it",
      'export default { a: { «"https://x.test/y": 1 } };',
      "a.https://x.test/y",
    ],
    ["as the last of two with its name", "export default { a: 1, «a: 2 };", "a"],
  ])("%s", (_what, source, path) => {
    const { place, expected } = find(source, path);
    expect(place).toEqual(expected);
  });

  test("in JSON", () => {
    const { place, expected } = find('{\n "a": [ { «"b": 1 } ] }', "a[0].b", true);
    expect(place).toEqual(expected);
  });
});

describe("what is around an option stands for it", () => {
  test.each<[string, string, string]>([
    ["where the option is missing", "export default { a: [«{ b: 1 }] };", "a[0].c"],
    ["where a function makes its value", "export default { «a: make() };", "a.b"],
    ["where the position in a list is not known", "export default { «a: [...b, { c: 1 }] };", "a[1].c"],
    ["where its name is computed", "export default { «a: { [b]: 1 } };", "a.b"],
    ["where its name is not shown", "export default { a: [«{ b: 1 }] };", "a[0].…"],
    ["where another name begins like it", "export default «{ ab: 1 };", "a"],
  ])("%s", (_what, source, path) => {
    const { place, expected } = find(source, path);
    expect(place).toEqual(expected);
  });
});

test("nothing is found in a source that cannot be read", () => {
  expect(placesIn("export default {", false)("a")).toBeUndefined();
  expect(placesIn("{", true)("a")).toBeUndefined();
});

test("constants that name one another do not go on for ever", () => {
  expect(placesIn("const a = b; const b = a; export default { c: a };", false)("c.d")).toEqual({ line: 1, column: 44 });
});

test("a syntax error has its place and no text of the file", () => {
  expect(syntaxErrorIn('export default {\n  a: "hunter2" b };')).toEqual({
    ...{ line: 2, column: 16 },
    message: expect.not.stringContaining("hunter2"),
  });
  expect(syntaxErrorIn("const a: string = 1 as never;")).toBeUndefined();
});
