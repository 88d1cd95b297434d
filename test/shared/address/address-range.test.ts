import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalRange, intersectRanges, isInRanges } from "../../../shared/address/address-range.ts";

describe("isInRanges", () => {
  test.each([
    ["192.0.2.7", ["192.0.2.0/24"], true],
    ["192.0.3.7", ["192.0.2.0/24"], false],
    ["192.0.2.7", ["192.0.2.7"], true],
    ["192.0.2.7", [], false],
    ["2001:db8::1", ["2001:db8::/32"], true],
    ["2001:db9::1", ["2001:db8::/32"], false],
    ["::ffff:192.0.2.7", ["192.0.2.0/24"], true],
    ["192.0.2.7", ["::ffff:192.0.2.0/120"], true],
    ["192.0.2.7", ["::/0"], false],
    ["192.0.2.7", ["0.0.0.0/0"], true],
    ["not an address", ["0.0.0.0/0"], false],
    ["192.0.2.7", ["not a range"], false],
    ["192.0.2.7", ["192.0.2.0/33"], false],
    ["192.0.2.7", ["192.0.2.0/24/8"], false],
    // ipaddr.js alone would read these as addresses of fewer parts.
    ["3221225991", ["192.0.2.0/24"], false],
    ["192.0.519", ["192.0.2.0/24"], false],
  ])("%s in %j: %s", (address, ranges, expected) => {
    expect(isInRanges(address, ranges)).toBe(expected);
  });
});

describe("intersectRanges", () => {
  test.each([
    [["10.0.0.0/8"], ["10.1.0.0/16"], ["10.1.0.0/16"]],
    [["10.1.0.0/16"], ["10.0.0.0/8", "192.0.2.0/24"], ["10.1.0.0/16"]],
    [["10.0.0.0/8"], ["192.0.2.0/24"], []],
    [["10.0.0.0/8"], ["::/0"], []],
    [["10.1.2.3/8"], ["0.0.0.0/0"], ["10.0.0.0/8"]],
    [["2001:db8::5"], ["2001:db8::/32"], ["2001:db8::5/128"]],
    [[], ["0.0.0.0/0"], []],
  ])("%j and %j have %j in common", (left, right, expected) => {
    expect(intersectRanges(left, right)).toEqual(expected);
  });

  const range = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);

  test("an address is in the intersection exactly if it is in both lists", () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 4 }),
        fc.array(range, { maxLength: 4 }),
        fc.ipV4(),
        (left, right, address) => {
          const both = isInRanges(address, left) && isInRanges(address, right);
          expect(isInRanges(address, intersectRanges(left, right))).toBe(both);
        },
      ),
    );
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7/32"],
  ["192.0.2.7/24", "192.0.2.0/24"],
  ["2001:DB8:0::1", "2001:db8::1/128"],
  ["::ffff:c000:207", "192.0.2.7/32"],
  ["example.com", undefined],
  ["", undefined],
  ["1".repeat(10_000), undefined],
])("canonicalRange(%s) is %s", (value, expected) => {
  expect(canonicalRange(value)).toBe(expected);
});
