import { expect, test } from "vitest";
import { isObject, objectOf } from "../../../../shared/domain/object/unknown-object.ts";

test.each([[null], [undefined], [["a"]], ["text"], [1], [true], [() => 1]])(
  "objectOf returns an empty object for %j",
  (value) => {
    expect(isObject(value)).toBe(false);
    expect(objectOf(value)).toEqual({});
  },
);

test("objectOf returns an object itself", () => {
  const value = { a: 1 };
  expect(isObject(value)).toBe(true);
  expect(objectOf(value)).toBe(value);
});
