import { expect, test } from "vitest";
import { certificateWarnings } from "../../../cli/config/certificate-warnings.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { ISSUER } from "../../providers/saml/fixture.ts";

const DAY = 86_400;
const { certificate } = await createSigningIdentity({ from: NOW, until: NOW + 60 * DAY });
const warningsAt = (time: number, certificates = [certificate], more: object = {}) =>
  certificateWarnings(
    configOf({
      saml: { audience: "a", recipients: "b", identityProviders: [{ issuer: ISSUER, certificates, ...more }] },
    }),
    time,
  );

test("warns about a certificate that is not valid yet, is in its last thirty days, or has expired", () => {
  const path = "saml.identityProviders[0].certificates[0]";
  expect(warningsAt(NOW - 1)).toEqual([{ path, message: "it begins on 2026-03-02" }]);
  expect(warningsAt(NOW)).toEqual([]);
  expect(warningsAt(NOW + 30 * DAY)).toEqual([]);
  expect(warningsAt(NOW + 30 * DAY + 1)).toEqual([{ path, message: "it ends on 2026-05-01" }]);
  expect(warningsAt(NOW + 60 * DAY)).toEqual([{ path, message: "it ended on 2026-05-01" }]);
});

test("does not warn about dates when certificateDates is ignore", () => {
  expect(warningsAt(NOW + 60 * DAY, [certificate], { certificateDates: "ignore" })).toEqual([]);
  expect(warningsAt(NOW + 60 * DAY, [certificate], { certificateDates: "warn" })).toHaveLength(1);
});

test("warns about a weak key", async () => {
  const small = await createSigningIdentity({ keySize: 1024 });
  expect(warningsAt(NOW, [certificate, small.certificate])).toEqual([
    { path: "saml.identityProviders[0].certificates[1]", message: expect.stringContaining("too weak") },
  ]);
});
