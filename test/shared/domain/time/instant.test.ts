import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import { parseInstant } from "../../../../shared/domain/time/instant.ts";

describe("an instant of the configuration", () => {
  test.each([
    ["2027-01-31T08:00:00Z", 1_801_382_400],
    ["2027-01-31T08:00Z", 1_801_382_400],
    ["2027-01-31T08:00:00.000Z", 1_801_382_400],
    ["2027-01-31T08:00:00+01:00", 1_801_378_800],
    ["2027-01-31T08:00:00-09:30", 1_801_416_600],
    ["2028-02-29T00:00:00Z", 1_835_395_200],
    ["0099-01-01T00:00:00Z", -59_042_995_200],
  ])("parses %s", (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each([
    "2027-01-31T00:00:00+01",
    "2027-01-31T00:00:00+0100",
    "2027-01-31T00:00:00",
    "2027-01-31",
    "2027-01-31 08:00:00Z",
    "2027-1-31T08:00:00Z",
    "2027-02-30T08:00:00Z",
    "2027-13-01T08:00:00Z",
    "2027-01-31T24:00:00Z",
    "2027-01-31T08:60:00Z",
    "2027-01-31T08:00:60Z",
    "2027-01-31T08:00:00+24:00",
    "2027-01-31T08:00:00.5Z",
    "2027-01-31T08:00:00z",
    " 2027-01-31T08:00:00Z",
    "2027-01-31T08:00:00Z\n",
    "+02027-01-31T08:00:00Z",
    "",
  ])("refuses %j in the configuration", (text) => {
    expect(parseInstant(text)).toBeUndefined();
    const rule = { name: "r", methods: ["GET"], paths: ["/a"], effect: "deny", windows: [{ notBefore: text }] };
    const issuers = [{ issuer: "https://id.example.com", audience: "a" }];
    expect(() => parseConfig({ jwt: { issuers }, routes: [rule] })).toThrow("windows[0].notBefore");
  });

  test("agrees with Date", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(253_402_300_799_000), noInvalidDate: true }), (date) => {
        date.setUTCMilliseconds(0);
        expect(parseInstant(date.toISOString())).toBe(date.getTime() / 1000);
      }),
    );
  });
});
