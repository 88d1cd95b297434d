import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encrypt } from "xml-encryption";
import { type EncryptionForm, encryptAssertion } from "../../../local/stage/saml/encryption.ts";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, signXml } from "../../../local/stage/saml/signing.ts";
import { type StandIn, startStandIn } from "../../shared/infrastructure/secret/aws-stand-in.ts";
import { ISSUER, identity, judge, OPTIONS, providerOf, stranger } from "./fixture.ts";

const VARIABLE = "SALLYPORT_TEST_DECRYPTION_KEY";
const ours = await createSigningIdentity();
const retired = await createSigningIdentity();

beforeAll(() => {
  process.env[VARIABLE] = ours.privateKey;
  process.env[`${VARIABLE}_OLD`] = retired.privateKey;
});
afterAll(() => {
  delete process.env[VARIABLE];
  delete process.env[`${VARIABLE}_OLD`];
});

const keys = [{ environment: VARIABLE }];
const provider = providerOf({}, { decryption: { keys } });
const cbc = providerOf({ encryptionAlgorithms: ["aes128-cbc", "aes256-cbc"] }, { decryption: { keys } });

const plain = assertionXml(OPTIONS);
const signed = signXml(plain, ASSERTION_ID, identity);
const envelope = (content: string) => responseXml(OPTIONS, content);
const signedEnvelope = (content: string, by = identity) => signXml(envelope(content), "_response", by);
const locked = (xml = signed, form: EncryptionForm = {}) => encryptAssertion(xml, ours.certificate, form);
const judgeText = (xml: string, by = provider) => judge(encodeXml(xml, "deflate"), by);

describe("accepts an encrypted assertion", () => {
  test.each([
    ["with AES-128-GCM", { cipher: "aes128-gcm" }],
    ["with AES-192-GCM", { cipher: "aes192-gcm" }],
    ["with AES-256-GCM", { cipher: "aes256-gcm" }],
    ["whose key is encrypted with OAEP and SHA-256", { transport: "rsa-oaep", hash: "sha256" }],
    ["whose key is encrypted with OAEP and SHA-512", { transport: "rsa-oaep", hash: "sha512" }],
    ["whose EncryptedKey is a sibling of EncryptedData", { keyBeside: true }],
  ] as const)("%s", async (_what, form) => {
    expect(await judgeText(envelope(locked(signed, form)))).toHaveProperty("subject", OPTIONS.subject);
  });

  test("that is signed by its Response, with or without a signature of its own", async () => {
    expect(await judgeText(signedEnvelope(locked(plain)))).toHaveProperty("subject", OPTIONS.subject);
    expect(await judgeText(signedEnvelope(locked(signed)))).toHaveProperty("subject", OPTIONS.subject);
  });

  test("without a Response", async () => {
    expect(await judgeText(locked())).toHaveProperty("issuer", ISSUER);
  });

  test("made by another implementation", async () => {
    const data = await promisify(encrypt)(signed, {
      rsa_pub: new X509Certificate(ours.certificate).publicKey.export({ type: "spki", format: "pem" }).toString(),
      pem: ours.certificate,
      encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
      keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    });
    const xml = `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedAssertion>`;
    expect(await judgeText(envelope(xml))).toHaveProperty("subject", OPTIONS.subject);
  });

  test("for either of two keys during a key rotation", async () => {
    const both = providerOf(
      {},
      { decryption: { keys: [{ environment: VARIABLE }, { environment: `${VARIABLE}_OLD` }] } },
    );
    expect(await judgeText(envelope(locked()), both)).toHaveProperty("subject");
    const old = encryptAssertion(signed, retired.certificate);
    expect(await judgeText(envelope(old), both)).toHaveProperty("subject");
    expect(await judgeText(envelope(old))).toBe("assertion_decryption_failed");
  });

  test("with CBC if the entry allows it and the Response is signed", async () => {
    const old = locked(signed, { cipher: "aes256-cbc" });
    expect(await judgeText(signedEnvelope(old), cbc)).toHaveProperty("subject", OPTIONS.subject);
    expect(await judgeText(envelope(old), cbc)).toBe("assertion_algorithm_not_allowed");
    expect(await judgeText(signedEnvelope(old))).toBe("assertion_algorithm_not_allowed");
  });
});

describe("refuses an encrypted assertion", () => {
  const flip = (xml: string, element: "first" | "last") => {
    const values = [...xml.matchAll(/<xenc:CipherValue>([^<]*)/g)];
    const [, value = ""] = (element === "first" ? values[0] : values.at(-1)) ?? [];
    const bytes = Buffer.from(value, "base64");
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    return xml.replace(value, bytes.toString("base64"));
  };
  const evil = plain.replace("alice@", "root@");
  const evilSigned = signXml(evil, ASSERTION_ID, stranger);
  const [signature = ""] = /<ds:Signature .*<\/ds:Signature>/.exec(signed) ?? [];
  const other = (from: string | RegExp, to: string) => {
    const xml = locked().replace(from, to);
    if (!xml.includes(to)) throw new Error(`${from} is not there`);
    return envelope(xml);
  };
  test.each([
    ["that is not signed", envelope(locked(plain)), "assertion_unsigned"],
    ["that is not signed, without a Response", locked(plain), "assertion_unsigned"],
    ["that is signed by an unknown key", envelope(locked(evilSigned)), "assertion_signature_invalid"],
    [
      "in a Response that is signed by an unknown key",
      signedEnvelope(locked(plain), stranger),
      "assertion_signature_invalid",
    ],
    [
      "in a Response that was signed with another assertion",
      signedEnvelope(locked()).replace(/<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/, locked(evil)),
      "assertion_signature_invalid",
    ],
    [
      "with the signature of another assertion",
      envelope(locked(evil.replace("</saml:Issuer>", `</saml:Issuer>${signature}`))),
      "assertion_signature_invalid",
    ],
    ["for another key", envelope(encryptAssertion(signed, stranger.certificate)), "assertion_decryption_failed"],
    ["whose content is changed", envelope(flip(locked(), "last")), "assertion_decryption_failed"],
    ["whose encrypted key is changed", envelope(flip(locked(), "first")), "assertion_decryption_failed"],
    ["beside an assertion that is not encrypted", envelope(locked() + signed), "assertion_structure_invalid"],
    ["beside another encrypted assertion", envelope(locked() + locked()), "assertion_structure_invalid"],
    ["in another place", envelope(`<a>${locked()}</a>`), "assertion_structure_invalid"],
    ["in another encrypted assertion", envelope(locked(locked())), "assertion_structure_invalid"],
    ["that contains a Response", envelope(locked(envelope(signed))), "assertion_structure_invalid"],
    ["that contains two assertions", envelope(locked(`${signed}${evil}`)), "assertion_structure_invalid"],
    [
      "that wraps the signed assertion",
      envelope(locked(evil.replace("</saml:Assertion>", `${signed}</saml:Assertion>`))),
      "assertion_structure_invalid",
    ],
    ["with a document type inside", envelope(locked(`<!DOCTYPE a>${signed}`)), "assertion_xml_forbidden"],
    [
      "with a comment in the name inside",
      envelope(locked(signed.replace("alice@", "alice<!-- -->@"))),
      "assertion_xml_forbidden",
    ],
    ["with too many elements inside", envelope(locked(`<a>${"<b/>".repeat(600)}</a>`)), "assertion_too_complex"],
    ["with text that is not XML inside", envelope(locked("hello")), "assertion_structure_invalid"],
    [
      "of another issuer than its Response",
      envelope(locked()).replace(ISSUER, "https://idp.example.com/other"),
      "assertion_issuer_unknown",
    ],
    [
      "whose key is encrypted with PKCS #1 v1.5",
      envelope(locked(signed, { transport: "rsa-1_5" })),
      "assertion_algorithm_not_allowed",
    ],
    [
      "with an unknown algorithm",
      other(/xmlenc11#aes256-gcm/, "xmlenc#tripledes-cbc"),
      "assertion_algorithm_not_allowed",
    ],
    [
      "with OAEP and two different hashes",
      envelope(locked(signed, { hash: "sha256" })),
      "assertion_algorithm_not_allowed",
    ],
    ["whose Type is not Element", other("xmlenc#Element", "xmlenc#Content"), "assertion_structure_invalid"],
    [
      "with a CipherReference to its content",
      other(/<xenc:CipherValue>[^<]*<\/xenc:CipherValue>/, '<xenc:CipherReference URI="https://evil.example.com"/>'),
      "assertion_structure_invalid",
    ],
    [
      "that names its key in an XPath",
      other(/<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/, "<ds:RetrievalMethod URI=\"#x' or '1'='1\"/>"),
      "assertion_structure_invalid",
    ],
    ["with invalid base64", other(/.(?=<\/xenc:CipherValue>)/, "-"), "assertion_structure_invalid"],
    [
      "with too many keys",
      other(
        /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/,
        (/<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/.exec(locked())?.[0] ?? "").repeat(3),
      ),
      "assertion_too_complex",
    ],
    [
      "with an EncryptedID inside",
      envelope(
        locked(signXml(plain.replace(/<saml:NameID.*<\/saml:NameID>/, "<saml:EncryptedID/>"), ASSERTION_ID, identity)),
      ),
      "assertion_encrypted",
    ],
  ])("%s", async (_what, xml, reason) => {
    expect(await judgeText(xml)).toBe(reason);
  });

  const inObject = (content: string) =>
    signature.replace("</ds:Signature>", `<ds:Object>${content}</ds:Object></ds:Signature>`);
  const withSignature = (xml: string, inner: string) => xml.replace("</saml:Issuer>", `</saml:Issuer>${inner}`);
  const evilTwin = evil.replace(ASSERTION_ID, "_evil");
  test.each([
    ["the signed assertion within an evil one", evilTwin.replace("</saml:Assertion>", `${signed}</saml:Assertion>`)],
    ["the signed assertion within the signature in an evil one", withSignature(evilTwin, inObject(plain))],
    ["the signed assertion in an object, the signature on the evil one", withSignature(evilTwin, inObject(signed))],
    ["an evil assertion before the signed one", evilTwin + signed],
    ["the signed one before an evil one", signed + evilTwin],
    ["an evil Response around the signed one", responseXml(OPTIONS, signed)],
    ["two with the same ID", evil.replace("</saml:Assertion>", `${plain}</saml:Assertion>`)],
  ])("that wraps: %s", async (_what, xml) => {
    expect(await judgeText(envelope(locked(xml)))).toBe("assertion_structure_invalid");
    expect(await judgeText(locked(xml))).toBe("assertion_structure_invalid");
  });

  test("whose Issuer is another identity provider of ours than its Response's, which signed it", async () => {
    const other = { issuer: "https://other.example.com", certificates: [stranger.certificate] };
    const mine = { issuer: ISSUER, certificates: [identity.certificate] };
    const both = providerOf({}, { decryption: { keys }, identityProviders: [mine, other] });
    const theirs = assertionXml({ ...OPTIONS, issuer: other.issuer });
    const foreign = locked(signXml(theirs, ASSERTION_ID, identity));
    expect(await judgeText(envelope(foreign), both)).toBe("assertion_issuer_unknown");
    expect(await judgeText(signedEnvelope(foreign), both)).toBe("assertion_issuer_unknown");
    expect(await judgeText(signedEnvelope(locked(theirs)), both)).toBe("assertion_issuer_unknown");
    expect(await judgeText(locked(signXml(theirs, ASSERTION_ID, stranger)), both)).toHaveProperty(
      "issuer",
      other.issuer,
    );
  });

  test("in a Response without an Issuer", async () => {
    const anonymous = envelope(locked()).replace(/<saml:Issuer[^>]*>[^<]*<\/saml:Issuer>/, "");
    expect(await judgeText(anonymous)).toBe("assertion_issuer_unknown");
  });

  test("with a signature in another place inside", async () => {
    const advice = '<saml:Advice><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></saml:Advice>';
    const inside = signXml(plain.replace("<saml:Conditions ", `${advice}$&`), ASSERTION_ID, identity);
    expect(await judgeText(envelope(locked(inside)))).toBe("assertion_structure_invalid");
    expect(await judgeText(locked(inside))).toBe("assertion_structure_invalid");
  });

  test("that begins with a byte order mark inside", async () => {
    expect(await judgeText(locked(`\ufeff${signed}`))).toBe("assertion_structure_invalid");
  });

  test("if no key is configured", async () => {
    expect(await judgeText(envelope(locked()), providerOf())).toBe("assertion_encrypted");
    expect(await judgeText(locked(), providerOf())).toBe("assertion_encrypted");
  });

  test.each([0, 17, 255])("with CBC whose padding ends with %s", async (lastByte) => {
    const old = locked(signed, { cipher: "aes128-cbc", lastByte });
    expect(await judgeText(signedEnvelope(old), cbc)).toBe("assertion_decryption_failed");
  });

  test("with an algorithm that only the entry of another identity provider allows", async () => {
    const entry = {
      issuer: ISSUER,
      certificates: [identity.certificate],
      encryptionAlgorithms: ["aes128-gcm" as const],
    };
    const lax = { issuer: "https://other.example.com", certificates: [stranger.certificate] };
    const strict = providerOf({}, { decryption: { keys }, identityProviders: [entry, lax] });
    expect(await judgeText(locked(), strict)).toBe("assertion_algorithm_not_allowed");
    expect(await judgeText(locked(signed, { cipher: "aes128-gcm" }), strict)).toHaveProperty("subject");
  });
});

describe("our private key is read", () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(({ operation }) =>
      operation === "TrentService.Decrypt"
        ? { body: { Plaintext: Buffer.from(ours.privateKey).toString("base64"), KeyId: "key" } }
        : { body: { SecretString: JSON.stringify({ key: ours.privateKey }) } },
    );
    for (const service of ["KMS", "SECRETS_MANAGER"]) process.env[`AWS_ENDPOINT_URL_${service}`] = standIn.endpoint;
  });
  afterAll(() => standIn.close());

  test.each([
    ["from a KMS ciphertext", { kms: Buffer.from("ciphertext").toString("base64") }, "TrentService.Decrypt"],
    ["from Secrets Manager", { secretsManager: "saml", field: "key" }, "secretsmanager.GetSecretValue"],
  ])("%s, once for all encrypted assertions", async (_what, source, operation) => {
    const by = providerOf({}, { decryption: { keys: [source] } });
    const calls = () => standIn.calls.filter((call) => call.operation === operation).length;
    expect(await judgeText(signed, by)).toHaveProperty("subject");
    expect(calls()).toBe(0);
    const outcomes = await Promise.all([judgeText(envelope(locked()), by), judgeText(locked(), by)]);
    for (const outcome of outcomes) expect(outcome).toHaveProperty("subject");
    expect(calls()).toBe(1);
  });
});

test("is unavailable if the key cannot be opened or is no PEM, and tries again after a moment", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const name = `${VARIABLE}_LATE`;
  const late = providerOf({}, { decryption: { keys: [{ environment: name }] } });
  expect(await judgeText(envelope(locked()), late)).toBe("secret_unavailable");
  process.env[name] = ours.privateKey;
  vi.setSystemTime(Date.now() + 500);
  expect(await judgeText(envelope(locked()), late)).toHaveProperty("subject");
  process.env[name] = "no PEM";
  const broken = providerOf({}, { decryption: { keys: [{ environment: name }] } });
  expect(await judgeText(envelope(locked()), broken)).toBe("secret_unavailable");
  process.env[name] = ours.privateKey;
  vi.setSystemTime(Date.now() + 500);
  expect(await judgeText(envelope(locked()), broken)).toHaveProperty("subject");
  vi.useRealTimers();
  delete process.env[name];
});
