import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Certificate } from "../../../providers/saml/certificate.ts";
import { trustAt } from "../../../providers/saml/trust.ts";
import type { SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import { NOW } from "../../fixtures.ts";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const [one, other] = [newKey(), newKey()];
const certificate = (notBefore: number, notAfter: number, key = one, isStrong = true): Certificate => ({
  ...{ key, isStrong, notBefore, notAfter },
});
const entry = (certificateDates: SamlIdentityProvider["certificateDates"]) =>
  ({ certificateDates }) as SamlIdentityProvider;
const at = (
  certificates: readonly Certificate[],
  dates: SamlIdentityProvider["certificateDates"],
  validUntil = Number.POSITIVE_INFINITY,
) => trustAt({ certificates, validUntil }, entry(dates), NOW);

const current = certificate(NOW - 60, NOW + 60);
const past = certificate(NOW - 60, NOW, other);
const future = certificate(NOW + 1, NOW + 90, other);

describe("what is trusted changes", () => {
  test("with the next begin or end of a certificate, and with the end of the metadata", () => {
    expect(at([current], "refuse").until).toBe(NOW + 60);
    expect(at([current, future], "refuse").until).toBe(NOW + 1);
    expect(at([current], "refuse", NOW + 30).until).toBe(NOW + 30);
    expect(at([current], "refuse", NOW + 61).until).toBe(NOW + 60);
  });

  test("not with a begin or an end that is past, or now", () => {
    expect(at([past], "warn").until).toBe(Number.POSITIVE_INFINITY);
    expect(at([certificate(NOW, NOW + 60)], "refuse").until).toBe(NOW + 60);
  });
});

describe("a key is trusted", () => {
  test("until its own certificate ends, where the dates count", () => {
    const both = at([current, certificate(NOW - 60, NOW + 30, other)], "refuse");
    expect(both.endOf(one)).toBe(NOW + 60);
    expect(both.endOf(other)).toBe(NOW + 30);
    expect(at([current], "refuse", NOW + 10).endOf(one)).toBe(NOW + 10);
  });

  test.each(["warn", "ignore"] as const)("until the metadata end, where the dates do not count (%s)", (dates) => {
    expect(at([current], dates).endOf(one)).toBe(Number.POSITIVE_INFINITY);
    expect(at([current], dates, NOW + 90).endOf(one)).toBe(NOW + 90);
  });

  test("only if it is strong, beside a strong one as well", () => {
    const weak = certificate(NOW - 60, NOW + 60, other, false);
    expect(at([weak, current], "refuse").keys).toEqual([one]);
    expect(at([weak, current], "warn").outOfDates).toEqual([]);
  });
});

describe("the keys of certificates that are not within their dates", () => {
  const all = [past, current, future];
  test("are left out, used with a warning, or used like any other, as the entry says", () => {
    expect(at(all, "refuse")).toMatchObject({ keys: [one], outOfDates: [] });
    expect(at(all, "warn")).toMatchObject({ keys: [other, one, other], outOfDates: [other, other] });
    expect(at(all, "ignore")).toMatchObject({ keys: [other, one, other], outOfDates: [] });
  });
});

test("nothing is trusted from the end of the metadata on, or without a certificate", () => {
  const reason = "assertion_certificate_invalid";
  for (const end of [NOW, NOW - 1]) {
    expect(() => at([current], "ignore", end)).toThrow(expect.objectContaining({ reason }));
  }
  expect(() => at([], "ignore")).toThrow(expect.objectContaining({ reason }));
  expect(() => at([past, future], "refuse")).toThrow(expect.objectContaining({ reason }));
});
