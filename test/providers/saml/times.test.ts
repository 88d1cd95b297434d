import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { NOW } from "../../fixtures.ts";
import { identity, judge, OPTIONS, providerOf } from "./fixture.ts";

/** Every time of an assertion, tested one second before and after its limit. */
const LATER = NOW + 3600;
const iso = (time: number) => new Date(time * 1000).toISOString();

/** An assertion that is valid from a day ago until an hour from now, except for one time. */
function credential(element: string, name: string, time: number): string {
  const xml = assertionXml({ ...OPTIONS, time: NOW - 86_400, lifetime: 86_400 + 3600 });
  const found = new RegExp(`<saml:${element}(?= |>)[^>]*>`).exec(xml)?.[0] ?? "";
  const without = found.replace(new RegExp(` ${name}="[^"]*"`), "");
  const changed = xml.replace(found, without.replace(`<saml:${element}`, `$& ${name}="${iso(time)}"`));
  return encodeXml(signXml(changed, ASSERTION_ID, identity), "deflate");
}

const STARTS = [
  ["Assertion", "IssueInstant", "assertion_issued_in_future"],
  ["Conditions", "NotBefore", "assertion_not_yet_valid"],
  ["AuthnStatement", "AuthnInstant", "assertion_issued_in_future"],
] as const;

const ENDS = [
  ["Conditions", "NotOnOrAfter"],
  ["SubjectConfirmationData", "NotOnOrAfter"],
  ["AuthnStatement", "SessionNotOnOrAfter"],
] as const;

describe.each(STARTS)("%s's %s", (element, name, reason) => {
  test.each([0, 30, 300])("may be ahead by a clock tolerance of %s seconds and no more", async (clockTolerance) => {
    const by = providerOf({ clockTolerance });
    expect(await judge(credential(element, name, NOW + clockTolerance), by)).toHaveProperty("subject");
    expect(await judge(credential(element, name, NOW + clockTolerance + 0.001), by)).toBe(reason);
    expect(await judge(credential(element, name, NOW + clockTolerance + 1), by)).toBe(reason);
    expect(await judge(credential(element, name, NOW + 1), by, { time: NOW + 1 })).toHaveProperty("subject");
  });
});

describe.each(ENDS)("%s's %s", (element, name) => {
  test.each([0, 300])("ends the assertion exactly, with a clock tolerance of %s seconds", async (clockTolerance) => {
    const by = providerOf({ clockTolerance });
    expect(await judge(credential(element, name, NOW + 1), by)).toHaveProperty("expiresAt", NOW + 1);
    expect(await judge(credential(element, name, NOW), by)).toBe("assertion_expired");
    expect(await judge(credential(element, name, NOW + 0.999), by)).toBe("assertion_expired");
    expect(await judge(credential(element, name, NOW - 1), by)).toBe("assertion_expired");
    expect(await judge(credential(element, name, LATER - 1), by)).toHaveProperty("expiresAt", LATER - 1);
  });
});

test.each([
  ["a date without a time", "2026-03-02"],
  ["in another time zone", "2026-03-02T10:00:00+01:00"],
  ["without a time zone", "2026-03-02T10:00:00"],
  ["30 February", "2026-02-30T10:00:00Z"],
  ["29 February of a year that has none", "2026-02-29T10:00:00Z"],
  ["31 April", "2026-04-31T10:00:00.5Z"],
  ["the 24th hour", "2026-03-01T24:00:00Z"],
  ["a leap second", "2026-03-01T23:59:60Z"],
  ["day zero", "2026-03-00T10:00:00Z"],
  ["an offset of zero", "2026-03-02T10:00:00+00:00"],
  ["ten digits of a second", "2026-03-02T10:00:00.0000000000Z"],
  ["a thirteenth month", "2026-13-02T10:00:00Z"],
  ["seconds since the epoch", "1772445600"],
  ["an empty text", ""],
])("refuses an instant that is %s", async (_what, text) => {
  const xml = assertionXml(OPTIONS).replace(/(<saml:Conditions NotBefore=)"[^"]*"/, `$1"${text}"`);
  expect(await judge(encodeXml(signXml(xml, ASSERTION_ID, identity), "deflate"))).toBe("assertion_malformed");
});

test.each([
  ["whole seconds", "2026-03-02T09:59:59Z"],
  ["milliseconds", "2026-03-02T09:59:59.123Z"],
  ["seven digits of a second", "2026-03-02T09:59:59.1234567Z"],
  ["nine digits of a second", "2026-03-02T09:59:59.999999999Z"],
  ["29 February", "2024-02-29T10:00:00Z"],
])("accepts an instant with %s", async (_what, text) => {
  const xml = assertionXml(OPTIONS).replace(/(<saml:Conditions NotBefore=)"[^"]*"/, `$1"${text}"`);
  expect(await judge(encodeXml(signXml(xml, ASSERTION_ID, identity), "deflate"))).toHaveProperty("subject");
});

test("counts maxAssertionAge from IssueInstant, and sets no limit by default", async () => {
  const by = providerOf({ maxAssertionAge: 100 });
  expect(await judge(credential("Assertion", "IssueInstant", NOW - 100), by)).toHaveProperty("expiresAt", NOW + 1);
  expect(await judge(credential("Assertion", "IssueInstant", NOW - 100.001), by)).toBe("assertion_expired");
  expect(await judge(credential("Assertion", "IssueInstant", NOW - 101), by)).toBe("assertion_expired");
  expect(await judge(credential("Assertion", "IssueInstant", NOW - 86_400))).toHaveProperty("expiresAt", LATER);
});

test("counts maxAuthenticationAge from AuthnInstant", async () => {
  const by = providerOf({ maxAuthenticationAge: 100 });
  expect(await judge(credential("AuthnStatement", "AuthnInstant", NOW - 100), by)).toHaveProperty("expiresAt", NOW + 1);
  expect(await judge(credential("AuthnStatement", "AuthnInstant", NOW - 101), by)).toBe("assertion_expired");
});
