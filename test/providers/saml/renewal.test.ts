import { createPrivateKey, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encryptAssertion } from "../../../local/stage/saml/encryption.ts";
import { ASSERTION_ID, assertionXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { readCertificate } from "../../../providers/saml/certificate.ts";
import type { TrustAnchors } from "../../../providers/saml/trust-anchors.ts";
import { type SamlContext, verifyMessage } from "../../../providers/saml/verify.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, ISSUER, identity, OPTIONS, RECIPIENT, stranger } from "./fixture.ts";

const ours = await createSigningIdentity();
const key = (pem: string) => createPrivateKey(pem);
const anchorsOf = (pem: string, validUntil = Number.POSITIVE_INFINITY): TrustAnchors => ({
  ...{ certificates: [readCertificate(pem)], validUntil },
});
const signed = (by = identity, xml = assertionXml(OPTIONS)) => signXml(xml, ASSERTION_ID, by);
const locked = (xml = signed()) => encryptAssertion(xml, ours.certificate);

/** A context whose keys and certificates change when newer ones are asked for, and that counts what is asked. */
function contextOf(
  keys: readonly (readonly KeyObject[])[],
  anchors: readonly TrustAnchors[] = [anchorsOf(identity.certificate)],
) {
  const { saml: config } = configOf({
    saml: {
      ...{ audience: AUDIENCE, recipients: RECIPIENT, decryption: { keys: [{ environment: "SALLYPORT_TEST_KEY" }] } },
      identityProviders: [{ issuer: ISSUER, certificates: [identity.certificate] }],
    },
  });
  if (!config) throw new Error("no section");
  const asked = { keys: 0, newerKeys: [] as (readonly KeyObject[])[], newerAnchors: [] as TrustAnchors[] };
  let [keysAt, anchorsAt] = [0, 0];
  const context: SamlContext = {
    config,
    sourceOf: () => ({
      current: async () => anchors[anchorsAt] as TrustAnchors,
      newer: async (known) => {
        asked.newerAnchors.push(known);
        anchorsAt = Math.min(anchorsAt + 1, anchors.length - 1);
        return anchors[anchorsAt] ?? known;
      },
    }),
    openKeys: async () => {
      asked.keys++;
      return keys[keysAt] ?? [];
    },
    renewKeys: async (used) => {
      asked.newerKeys.push(used);
      return keys[++keysAt] !== undefined;
    },
  };
  return { asked, judge: (xml: string) => outcomeOf(verifyMessage(xml, requestFor("GET", "/a"), context)) };
}

const outcomeOf = (verified: ReturnType<typeof verifyMessage>) =>
  verified.then(
    ({ verified: { principal, until } }) => ({ subject: principal.subject, until }),
    (error: { reason?: string }) => error.reason,
  );
const ALICE = expect.objectContaining({ subject: OPTIONS.subject });

describe("our private keys", () => {
  const [right, wrong] = [[key(ours.privateKey)], [key(stranger.privateKey)]];

  test("are not opened for an assertion that is not encrypted", async () => {
    const { asked, judge } = contextOf([right]);
    expect(await judge(signed())).toEqual(ALICE);
    expect(asked).toEqual({ keys: 0, newerKeys: [], newerAnchors: [] });
  });

  test.each([
    ["bare", locked()],
    ["in a Response", responseXml(OPTIONS, locked())],
  ])("are asked for newer ones when none of them decrypts the assertion (%s)", async (_what, xml) => {
    const { asked, judge } = contextOf([wrong, right]);
    expect(await judge(xml)).toEqual(ALICE);
    expect(asked.newerKeys).toEqual([wrong]);
  });

  test("are asked once only, and the assertion is refused if there are no newer ones, or they do not decrypt it", async () => {
    const without = contextOf([wrong]);
    expect(await without.judge(locked())).toBe("assertion_decryption_failed");
    expect(without.asked).toMatchObject({ keys: 1, newerKeys: [wrong] });
    const twice = contextOf([wrong, wrong, right]);
    expect(await twice.judge(locked())).toBe("assertion_decryption_failed");
    expect(twice.asked.newerKeys).toEqual([wrong]);
  });

  test("are not asked for newer ones when the assertion is refused for another reason", async () => {
    const { asked, judge } = contextOf([right, right]);
    expect(await judge(locked(signed(stranger)))).toBe("assertion_signature_invalid");
    expect(await judge(locked(assertionXml(OPTIONS)))).toBe("assertion_unsigned");
    expect(asked.newerKeys).toEqual([]);
  });
});

describe("the identity provider's certificates", () => {
  const [mine, other] = [anchorsOf(identity.certificate), anchorsOf(stranger.certificate)];
  const ended = anchorsOf(identity.certificate, NOW);

  test.each([
    ["none verifies the signature", other],
    ["they have ended", ended],
  ])("are asked for newer ones when %s", async (_what, known) => {
    const { asked, judge } = contextOf([], [known, mine]);
    expect(await judge(signed())).toEqual(ALICE);
    expect(asked.newerAnchors).toEqual([known]);
  });

  test("are asked once only, and the assertion is refused if there are no newer ones, or they do not verify it", async () => {
    const without = contextOf([], [other]);
    expect(await without.judge(signed())).toBe("assertion_signature_invalid");
    expect(without.asked.newerAnchors).toEqual([other]);
    const twice = contextOf([], [other, ended, mine]);
    expect(await twice.judge(signed())).toBe("assertion_certificate_invalid");
    expect(twice.asked.newerAnchors).toEqual([other]);
  });

  test.each([
    ["is not signed", assertionXml(OPTIONS), "assertion_unsigned"],
    [
      "is for another audience",
      signed(identity, assertionXml({ ...OPTIONS, audience: "x" })),
      "assertion_audience_mismatch",
    ],
    ["is malformed", "<", "assertion_malformed"],
  ])("are not asked for newer ones for a message that %s", async (_what, xml, reason) => {
    const { asked, judge } = contextOf([], [mine, mine]);
    expect(await judge(xml)).toBe(reason);
    expect(asked.newerAnchors).toEqual([]);
  });

  test("that end before the assertion end its result", async () => {
    const { judge } = contextOf([], [anchorsOf(identity.certificate, NOW + 7)]);
    expect(await judge(signed())).toEqual({ subject: OPTIONS.subject, until: NOW + 7 });
    expect(await contextOf([], [mine]).judge(signed())).toEqual({ subject: OPTIONS.subject, until: NOW + 300 });
  });
});
