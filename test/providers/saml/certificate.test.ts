import { describe, expect, test } from "vitest";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { certificateBody, isWithinDates, readCertificate } from "../../../providers/saml/certificate.ts";
import { NOW } from "../../fixtures.ts";

const { certificate } = await createSigningIdentity({ from: NOW, until: NOW + 60, curve: "P-256" });

describe("a certificate", () => {
  test.each([
    ["PEM", certificate],
    ["base64", certificateBody(certificate)],
    [
      "base64 in lines",
      `\n ${certificateBody(certificate).slice(0, 40)}\r\n\t${certificateBody(certificate).slice(40)}\n`,
    ],
  ])("is read from %s", (_what, text) => {
    const { key, isStrong, notBefore, notAfter } = readCertificate(text);
    expect({ type: key.asymmetricKeyType, isStrong, notBefore, notAfter }).toEqual({
      ...{ type: "ec", isStrong: true, notBefore: NOW, notAfter: NOW + 60 },
    });
  });

  test("has a body without marks and white space", () => {
    expect(certificateBody(certificate)).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  test.each(["", "hello", "AAAA", certificate.slice(0, 200)])("is not read from anything else", (text) => {
    expect(() => readCertificate(text)).toThrow();
  });

  test("holds from its first second, and no longer in its last", () => {
    const read = readCertificate(certificate);
    const times = [NOW - 1, NOW, NOW + 59, NOW + 60, NOW + 61];
    expect(times.map((time) => isWithinDates(read, time))).toEqual([false, true, true, false, false]);
  });
});
