import { expect, test } from "vitest";
import { withoutUndefined } from "../../../../shared/domain/object/without-undefined.ts";

test("removes only members that are undefined", () => {
  const members = { a: 0, b: "", c: false, d: null, e: undefined, f: Number.NaN, g: [] };
  expect(Object.keys(withoutUndefined(members))).toEqual(["a", "b", "c", "d", "f", "g"]);
});

test("keeps the order of the members", () => {
  expect(JSON.stringify(withoutUndefined({ b: 1, x: undefined, a: 2 }))).toBe('{"b":1,"a":2}');
});

test("does not change its argument", () => {
  const members = { a: undefined };
  expect(withoutUndefined(members)).not.toHaveProperty("a");
  expect(members).toHaveProperty("a");
});

test("makes members optional whose type includes undefined", () => {
  interface Named {
    readonly name: "a" | "b";
    readonly tenant?: string;
  }
  const tenant = ["acme"].find(() => false);
  const named: Named = withoutUndefined({ name: "a", tenant });
  expect(named).toStrictEqual({ name: "a" });
  // @ts-expect-error: a member that may be undefined is not assignable to a required one
  const required: { readonly tenant: string } = withoutUndefined({ tenant });
  expect(required).toEqual({});
});
