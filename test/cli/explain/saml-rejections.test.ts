import { describe, expect, test, vi } from "vitest";
import { encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { NOW } from "../../fixtures.ts";
import * as saml from "../../providers/saml/fixture.ts";
import { expectationsIn, withCredential } from "./explained.ts";

type Section = NonNullable<SallyportConfig["saml"]>;
type Entry = Section["identityProviders"][number];

const config = (entry: Partial<Entry> = {}, section: Partial<Section> = {}): Partial<SallyportConfig> => ({
  saml: {
    audience: saml.AUDIENCE,
    recipients: saml.RECIPIENT,
    identityProviders: [{ issuer: saml.ISSUER, certificates: [saml.identity.certificate], ...entry }],
    ...section,
  },
});

async function rejected(credential: string, entry: Partial<Entry> = {}, section: Partial<Section> = {}) {
  const { stdout, stderr, explanation } = await withCredential(config(entry, section), `SAML ${credential}`);
  const printed = stdout + stderr + JSON.stringify(explanation);
  expect(printed).not.toContain(credential.slice(0, 40));
  const xml = Buffer.from(credential, "base64").toString();
  for (const [, secret = ""] of xml.matchAll(/<ds:(?:SignatureValue|DigestValue)>([^<]{20})/g))
    expect(printed).not.toContain(secret);
  return { reason: explanation.reason, expectations: expectationsIn(explanation) };
}

/** A credential whose XML was changed before it was signed. */
async function changed(change: (xml: string) => string) {
  const { assertionXml } = await import("../../../local/stage/saml/identity-provider.ts");
  const xml = change(assertionXml(saml.OPTIONS));
  return encodeXml(signXml(xml, "_assertion", saml.identity));
}

const CLOCK = "2026-03-02T10:00:00Z, the time of the request";
const LATE = "at the latest 2026-03-02T10:00:30Z, the time of the request and 30 s of clockTolerance";

test.each<[string, Parameters<typeof saml.issue>[0], Partial<Entry>, string[]]>([
  [
    "assertion_issuer_unknown",
    { issuer: `${saml.ISSUER}/` },
    {},
    [`Issuer: "${saml.ISSUER}" / "${saml.ISSUER}/" (the configured one has no slash at its end)`],
  ],
  [
    "assertion_audience_mismatch",
    { audience: "https://other.example.com" },
    {},
    [`Audience: "${saml.AUDIENCE}" / "https://other.example.com"`],
  ],
  [
    "assertion_recipient_mismatch",
    { recipient: `${saml.RECIPIENT}/` },
    {},
    [`Recipient: "${saml.RECIPIENT}" / "${saml.RECIPIENT}/" (the configured one has no slash at its end)`],
  ],
  [
    "assertion_expired",
    { time: NOW - 600 },
    {},
    [
      `Conditions NotOnOrAfter: later than ${CLOCK} / 2026-03-02T09:55:00Z, 5 min earlier`,
      `SubjectConfirmationData NotOnOrAfter: later than ${CLOCK} / 2026-03-02T09:55:00Z, 5 min earlier`,
    ],
  ],
  [
    "assertion_expired",
    { time: NOW - 61 },
    { maxAssertionAge: 60 },
    [
      `Conditions NotOnOrAfter: later than ${CLOCK} / 2026-03-02T10:03:59Z, 3 min later`,
      `SubjectConfirmationData NotOnOrAfter: later than ${CLOCK} / 2026-03-02T10:03:59Z, 3 min later`,
      "Assertion IssueInstant: at most 60 s (maxAssertionAge) before the request / 2026-03-02T09:58:59Z, 61 s earlier",
    ],
  ],
  [
    "assertion_issued_in_future",
    { time: NOW + 90 },
    {},
    [
      `Assertion IssueInstant: ${LATE} / 2026-03-02T10:01:30Z, 90 s later`,
      `Conditions NotBefore: ${LATE} / 2026-03-02T10:01:30Z, 90 s later`,
      `AuthnStatement AuthnInstant: ${LATE} / 2026-03-02T10:01:30Z, 90 s later`,
    ],
  ],
  [
    "assertion_condition_unknown",
    { oneTimeUse: true },
    {},
    [
      'Conditions: AudienceRestriction or ProxyRestriction; OneTimeUse needs a replayTable / "AudienceRestriction", "OneTimeUse"',
    ],
  ],
  [
    "assertion_subject_missing",
    { subject: " alice" },
    {},
    [
      'NameID: a text of 1 to 256 characters without white space at its edges / " alice" (the assertion has the attributes nothing)',
    ],
  ],
  [
    "assertion_subject_missing",
    { attributes: { mail: "a" } },
    { attributes: { subject: "uid" } },
    [
      'uid (subject): a text of 1 to 256 characters without white space at its edges / none (the assertion has the attributes "mail")',
    ],
  ],
  [
    "assertion_attribute_invalid",
    { attributes: { tenant: ["a", "b"], groups: ["g"] } },
    { attributes: { tenant: "tenant", roles: ["groups"] } },
    ['tenant (tenant): one text of 1 to 256 characters / "a", "b"'],
  ],
])("%s of %j says what was expected and found", async (reason, options, entry, expected) => {
  expect(await rejected(saml.issue(options), entry)).toEqual({ reason, expectations: expected });
});

describe("a Response", () => {
  const response = (change: (xml: string) => string) =>
    encodeXml(change(Buffer.from(saml.issue({}, { message: "response" }), "base64").toString()));

  test.each<[string, (xml: string) => string, string]>([
    [
      "assertion_destination_mismatch",
      (xml) => xml.replace(/Destination="[^"]+"/, 'Destination="https://other.example.com/acs"'),
      `Destination: "${saml.RECIPIENT}" / "https://other.example.com/acs" (they differ from character 9 on)`,
    ],
    [
      "assertion_status_not_success",
      (xml) => xml.replace("status:Success", "status:Requester"),
      'Status: Success / "Requester"',
    ],
    [
      "assertion_issuer_unknown",
      (xml) => xml.replace(`>${saml.ISSUER}<`, ">https://other.example.com<"),
      `Issuer: "${saml.ISSUER}" / "https://other.example.com"`,
    ],
  ])("%s", async (reason, change, expected) => {
    expect(await rejected(response(change))).toEqual({ reason, expectations: [expected] });
  });
});

describe("a confirmation", () => {
  test.each<[string, (xml: string) => string, string]>([
    [
      "assertion_confirmation_missing",
      (xml) => xml.replace("cm:bearer", "cm:holder-of-key"),
      'SubjectConfirmation: the method bearer, with SubjectConfirmationData and without NotBefore / "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"',
    ],
    [
      "assertion_address_mismatch",
      (xml) => xml.replace("Recipient=", 'Address="192.0.2.1" Recipient='),
      'Address: the caller\'s, 203.0.113.7 / "192.0.2.1"',
    ],
    [
      "assertion_expiry_missing",
      (xml) => xml.replace(/(SubjectConfirmationData) NotOnOrAfter="[^"]+"/, "$1"),
      "SubjectConfirmationData NotOnOrAfter: an instant / none",
    ],
    [
      "assertion_subject_missing",
      (xml) => xml.replace("<saml:NameID ", '<saml:NameID SPNameQualifier="https://b.example.com" '),
      `SPNameQualifier: "${saml.AUDIENCE}" / "https://b.example.com"`,
    ],
  ])("%s", async (reason, change, expected) => {
    const found = await rejected(await changed(change));
    expect(found.reason).toBe(reason);
    expect(found.expectations).toContain(expected);
  });
});

describe("a signature", () => {
  test("by another key names the certificates that are known, and that of the message", async () => {
    const body = saml.stranger.certificate.replace(/-----[A-Z ]+-----|\s/g, "");
    const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
    const signed = Buffer.from(saml.issue({}, {}, saml.stranger), "base64").toString();
    const { reason, expectations } = await rejected(
      encodeXml(signed.replace("</ds:Signature>", `${info}</ds:Signature>`)),
    );
    expect(reason).toBe("assertion_signature_invalid");
    expect(expectations).toEqual([
      "Signature: a signature by the configuration's certificate (RSA 2048, 1970-01-01 to 2100-01-01) / " +
        'the certificate "CN=Sallyport local identity provider" (RSA 2048, 1970-01-01 to 2100-01-01) ' +
        "(the identity provider signs with another key: add its certificate, or use its metadata)",
    ]);
  });

  test("of a changed message says that the certificate is the right one, or that there is none", async () => {
    const text = Buffer.from(saml.issue(), "base64").toString().replace("alice@", "admin@");
    expect((await rejected(encodeXml(text))).expectations[0]).toContain("the message names no certificate");
  });

  test("by an algorithm that is not allowed names it", async () => {
    const { reason, expectations } = await rejected(saml.issue(), { algorithms: ["ecdsa-sha256"] });
    expect(reason).toBe("assertion_algorithm_not_allowed");
    expect(expectations).toEqual(['SignatureMethod: "ecdsa-sha256" / "rsa-sha256"']);
  });

  test("that is missing is named", async () => {
    expect(await rejected(saml.issue({}, { sign: [] }))).toEqual({
      reason: "assertion_unsigned",
      expectations: ["Signature: one of the Assertion, or of the Response around it / none"],
    });
  });

  test("by a certificate out of its dates says which dates", async () => {
    const old = await createSigningIdentity({ until: NOW - 86_400 });
    const { reason, expectations } = await rejected(saml.issue({}, {}, old), { certificates: [old.certificate] });
    expect(reason).toBe("assertion_certificate_invalid");
    expect(expectations).toEqual([
      "certificate: valid at 2026-03-02T10:00:00Z, the time of the request / certificate (RSA 2048, 1970-01-01 to 2026-03-01) (certificateDates decides what happens then)",
    ]);
  });
});

describe("an encrypted assertion", () => {
  const encrypted = async (options: object) => {
    const recipient = await createSigningIdentity();
    vi.stubEnv("EXPLAIN_TEST_KEY", recipient.privateKey);
    return saml.issue(options, { encryptFor: recipient.certificate });
  };

  test("is opened with our keys, to say what is wrong within", async () => {
    const credential = await encrypted({ audience: "https://other.example.com" });
    const decryption = { keys: [{ environment: "EXPLAIN_TEST_KEY" }] };
    expect(await rejected(credential, {}, { decryption })).toEqual({
      reason: "assertion_audience_mismatch",
      expectations: [`Audience: "${saml.AUDIENCE}" / "https://other.example.com"`],
    });
    vi.unstubAllEnvs();
  });

  test("says that there is no key for it", async () => {
    const { reason, expectations } = await rejected(await encrypted({}));
    expect(reason).toBe("assertion_encrypted");
    expect(expectations).toContain("decryption: a private key that opens it / no keys");
    vi.unstubAllEnvs();
  });
});

test("an assertion that may be used once says that there must be no cache", async () => {
  const { reason, expectations } = await rejected(saml.issue(), { replay: "once" }, { replayTable: "t" });
  expect(reason).toBe("assertion_once_cached");
  expect(expectations).toEqual(["cache: none (--cached-by none), as it may be used once / a cache"]);
});

test("what an assertion says is masked where it looks like a secret", async () => {
  const secret = "sk_live_9aB8cD7eF6gH5iJ4kL3mN2oP1qR0";
  const { expectations } = await rejected(saml.issue({ audience: secret }));
  expect(expectations.join()).toContain('"sk_l…" (36 characters, masked)');
  expect(expectations.join()).not.toContain(secret);
});
