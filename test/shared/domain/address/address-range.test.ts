import { isIP } from "node:net";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  canonicalAddress,
  canonicalRange,
  intersectRanges,
  isInRanges,
} from "../../../../shared/domain/address/address-range.ts";
import { cidr } from "../../../../shared/domain/config/common.ts";

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
    // What cannot be read never makes a list less limited.
    [["10/8"], ["0.0.0.0/0"], []],
    [["10/8", "192.0.2.7"], ["0.0.0.0/0"], ["192.0.2.7/32"]],
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

/** Texts that some parser reads as an address or range, and that mean different things to different parsers. */
const ODD = [
  "10/8",
  "10.1/16",
  "010.0.0.0/8",
  "0x0a.0.0.0/8",
  "::ffff:10.0.0.0/8",
  "::ffff:10.0.0.0/95",
  "::ffff:010.0.0.1",
  "fe80::1%eth0",
  "fe80::1%eth0/64",
  "fe80::/10%eth0",
  "[::1]",
  "::1/129",
  "1::2::3",
  "192.0.2.0/33",
  "192.0.2.0/024",
  "192.0.2.0/+24",
  "192.0.2.0/-1",
  "192.0.2.0/",
  "192.0.2.0/24/8",
  "192.0.2.0/255.255.255.0",
  "192.0.2.0 /24",
  " 192.0.2.0",
  "192.0.2.0\n",
  "192.0.2.256",
  "192.0.2.1:80",
  "3221225991",
  "example.com",
  "",
  "/",
  "1".repeat(10_000),
];

describe("canonicalRange", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7/32"],
    ["192.0.2.7/24", "192.0.2.0/24"],
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8:0::1", "2001:db8::1/128"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::ffff:c000:207", "192.0.2.7/32"],
    ["::ffff:192.0.2.7/120", "192.0.2.0/24"],
    ["::ffff:0.0.0.0/96", "0.0.0.0/0"],
    ["::ffff:192.0.2.7/128", "192.0.2.7/32"],
  ])("reads %s as %s", (value, expected) => {
    expect(canonicalRange(value)).toBe(expected);
  });

  test.each(ODD)("does not read %j", (value) => {
    expect(canonicalRange(value)).toBeUndefined();
  });
});

describe("canonicalAddress", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
  ])("reads %s as %s", (value, expected) => {
    expect(canonicalAddress(value)).toBe(expected);
  });

  test.each(["10.0.0.0/8", "192.0.2.7/32", "::1/128", ...ODD])("does not read %j", (value) => {
    expect(canonicalAddress(value)).toBeUndefined();
  });
});

describe("the configuration and the code read ranges alike", () => {
  const anyText = fc.oneof(
    fc.constantFrom(...ODD),
    fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), fc.integer({ min: -1, max: 130 }))
      .map((parts) => parts.join("/")),
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended()),
    fc.tuple(fc.ipV4(), fc.integer({ min: 90, max: 130 })).map(([address, prefix]) => `::ffff:${address}/${prefix}`),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefx:./%") }),
  );

  test("the schema accepts a text exactly if canonicalRange reads it, and holds the canonical form", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const checked = v.safeParse(cidr, value);
        expect(checked.success ? checked.output : undefined).toBe(canonicalRange(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("a canonical range is its own canonical form", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const canonical = canonicalRange(value);
        if (canonical !== undefined) expect(canonicalRange(canonical)).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });
});

test("reads the addresses that Node reads, and no other", () => {
  const part = fc.constantFrom(
    "0",
    "1",
    "01",
    "255",
    "256",
    "ffff",
    "fffff",
    "0a",
    "",
    "10.0.0.1",
    "010.0.0.1",
    "1.2.3",
    "%eth0",
    "::",
  );
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(part, { maxLength: 10 }).map((parts) => parts.join(":")),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join(".")),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(canonicalAddress(value) !== undefined, value).toBe(isIP(value) !== 0 && !value.includes("%"));
    }),
    { numRuns: 5000 },
  );
});
