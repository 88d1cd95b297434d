import { constants, createPrivateKey, privateDecrypt, publicEncrypt, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type EncryptionForm, encryptAssertion } from "../../../local/stage/saml/encryption.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import { checkCipher, decryptElement } from "../../../providers/saml/xml/encryption.ts";
import { ENCRYPTION_ALGORITHMS, type EncryptionAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { identity, stranger } from "./fixture.ts";

const TEXT = "<a>secret</a>";
const ours = await createSigningIdentity();
const [key, othersKey] = [createPrivateKey(ours.privateKey), createPrivateKey(stranger.privateKey)];
const ALL = Object.keys(ENCRYPTION_ALGORITHMS) as EncryptionAlgorithm[];
const locked = (form: EncryptionForm = {}, text = TEXT, by = ours) => encryptAssertion(text, by.certificate, form);

/** The text of an encrypted element, or what it is refused for. */
function opened(xml: string, { keys = [key], allowed = ALL, isAuthentic = true } = {}): string {
  try {
    return decryptElement(parseXml(xml), keys, allowed, isAuthentic).toString();
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
}

function changed(xml: string, from: string | RegExp, to: string): string {
  const other = xml.replace(from, to);
  if (other === xml) throw new Error(`${from} is not there`);
  return other;
}

const INVALID = "assertion_structure_invalid";
const FORBIDDEN = "assertion_algorithm_not_allowed";
const FAILED = "assertion_decryption_failed";
const TOO_COMPLEX = "assertion_too_complex";
const encryptedKey = /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/;
const keyOf = (xml: string) => encryptedKey.exec(xml)?.[0] ?? "";

describe("an encrypted element is decrypted", () => {
  test.each(ALL)("with %s, if it is allowed", (cipher) => {
    expect(opened(locked({ cipher }))).toBe(TEXT);
    expect(opened(locked({ cipher }), { allowed: ALL.filter((each) => each !== cipher) })).toBe(FORBIDDEN);
    expect(opened(locked({ cipher }), { isAuthentic: false })).toBe(cipher.endsWith("gcm") ? TEXT : FORBIDDEN);
  });

  test("with CBC and each length of its padding", () => {
    for (let length = 1; length <= 16; length++) {
      const text = "x".repeat(48 - length);
      expect(opened(locked({ cipher: "aes128-cbc" }, text))).toBe(text);
    }
  });

  test.each([
    ["without a Type", changed(locked(), / Type="[^"]*"/, "")],
    ["whose KeyInfo says more", changed(locked(), "<xenc:EncryptedKey", "<ds:KeyName>ours</ds:KeyName>$&")],
    ["whose key has no DigestMethod, which is then SHA-1", changed(locked(), /<ds:DigestMethod [^>]*>/, "")],
    ["whose key has the label of no bytes", changed(locked(), /<ds:DigestMethod [^>]*>/, "$&<xenc:OAEPparams/>")],
    [
      "that has a key for somebody else as well",
      changed(locked(), encryptedKey, `${keyOf(locked({}, TEXT, identity))}$&`),
    ],
  ])("%s", (_what, xml) => {
    expect(opened(xml)).toBe(TEXT);
  });

  test("whose key stands beside EncryptedData", () => {
    const xml = locked();
    expect(opened(changed(xml, encryptedKey, "").replace("</xenc:EncryptedData>", `$&${keyOf(xml)}`))).toBe(TEXT);
  });

  test("for either of two keys of ours", () => {
    for (const keys of [
      [key, othersKey],
      [othersKey, key],
    ])
      expect(opened(locked(), { keys })).toBe(TEXT);
  });

  test("with a label, which must be the one of its key", () => {
    const labelled = (label: string, named: string) => {
      const xml = locked();
      const [, sent = ""] = /<xenc:CipherValue>([^<]*)/.exec(keyOf(xml)) ?? [];
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
      const content = privateDecrypt({ key, ...padding }, Buffer.from(sent, "base64"));
      const recipient = new X509Certificate(ours.certificate).publicKey;
      const again = publicEncrypt({ key: recipient, ...padding, oaepLabel: Buffer.from(label) }, content);
      const parameters = `<xenc:OAEPparams>${Buffer.from(named).toString("base64")}</xenc:OAEPparams>`;
      return xml.replace(sent, again.toString("base64")).replace(/<ds:DigestMethod [^>]*>/, `$&${parameters}`);
    };
    expect(opened(labelled("mine", "mine"))).toBe(TEXT);
    expect(opened(labelled("mine", "other"))).toBe(FAILED);
    expect(opened(labelled("mine", ""))).toBe(FAILED);
  });
});

describe("an encrypted element is refused", () => {
  const sha256 = locked({ transport: "rsa-oaep", hash: "sha256" });
  const mask = `<xenc11:MGF xmlns:xenc11="${NAMESPACES.encryption11}" Algorithm="${NAMESPACES.encryption11}mgf1sha256"/>`;
  const content = /(<xenc:CipherValue>)[^<]*(<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/;
  const data = /<xenc:EncryptedData.*<\/xenc:EncryptedData>/;
  test.each([
    ["without EncryptedData", changed(locked(), data, ""), INVALID],
    ["with EncryptedData of another namespace", changed(locked(), data, "<EncryptedData/>"), INVALID],
    ["with two EncryptedData", changed(locked(), data, "$&$&"), INVALID],
    ["of a Type that is empty", changed(locked(), / Type="[^"]*"/, ' Type=""'), INVALID],
    ["without EncryptionMethod", changed(locked(), /<xenc:EncryptionMethod [^>]*>/, ""), FORBIDDEN],
    ["whose EncryptionMethod has no algorithm", changed(locked(), / Algorithm="[^"]*"/, ""), FORBIDDEN],
    ["without a key", changed(locked(), encryptedKey, ""), INVALID],
    ["without KeyInfo", changed(locked(), /<ds:KeyInfo.*<\/ds:KeyInfo>/, ""), INVALID],
    ["whose key is of another namespace", changed(locked(), encryptedKey, "<EncryptedKey/>"), INVALID],
    ["with three keys", changed(locked(), encryptedKey, "$&$&$&"), TOO_COMPLEX],
    [
      "without a method for its key",
      changed(locked(), /(EncryptedKey[^>]*>)<xenc:EncryptionMethod.*?<\/xenc:EncryptionMethod>/, "$1"),
      FORBIDDEN,
    ],
    ["whose key's method is unknown", changed(locked(), "rsa-oaep-mgf1p", "rsa-oaep-none"), FORBIDDEN],
    [
      "whose key has an unknown DigestMethod",
      changed(locked(), /(DigestMethod Algorithm=)"[^"]*"/, '$1"x"'),
      FORBIDDEN,
    ],
    [
      "whose key has an unknown DigestMethod and an unknown mask",
      changed(changed(sha256, /(DigestMethod Algorithm=)"[^"]*"/, '$1"x"'), /(MGF [^>]*Algorithm=)"[^"]*"/, '$1"x"'),
      FORBIDDEN,
    ],
    ["whose key has SHA-256 and no mask, which is then SHA-1", changed(sha256, /<xenc11:MGF[^>]*>/, ""), FORBIDDEN],
    [
      "whose key names a mask where SHA-1 is the only one",
      changed(locked({ hash: "sha256" }), /<ds:DigestMethod [^>]*>/, `$&${mask}`),
      FORBIDDEN,
    ],
    [
      "whose label is no base64",
      changed(locked(), /<ds:DigestMethod [^>]*>/, "$&<xenc:OAEPparams>-</xenc:OAEPparams>"),
      INVALID,
    ],
    ["without CipherData", changed(locked(), /<xenc:CipherData>.*?<\/xenc:CipherData>/, ""), INVALID],
    [
      "with empty CipherData",
      changed(locked(), /<xenc:CipherData>.*?<\/xenc:CipherData>/, "<xenc:CipherData/>"),
      INVALID,
    ],
    ["with two CipherValues", changed(locked(), /<xenc:CipherValue>.*?<\/xenc:CipherValue>/, "$&$&"), INVALID],
    ["with a value of another name", changed(locked(), /xenc:CipherValue>/g, "xenc:Value>"), INVALID],
    ["without content", changed(locked(), content, "$1$2"), FAILED],
    ["whose content is shorter than its tag", changed(locked(), content, "$1AAAA$2"), FAILED],
    ["whose content is nothing but a tag", locked({}, ""), FAILED],
    ["whose content is nothing but padding", locked({ cipher: "aes256-cbc" }, ""), FAILED],
    [
      "whose content is nothing but its initial value, with CBC",
      changed(locked({ cipher: "aes256-cbc" }), content, `$1${Buffer.alloc(16).toString("base64")}$2`),
      FAILED,
    ],
    [
      "whose key is too short for its algorithm",
      changed(locked({ cipher: "aes128-gcm" }), "aes128-gcm", "aes256-gcm"),
      FAILED,
    ],
    [
      "whose key is too long for its algorithm",
      changed(locked({ cipher: "aes256-cbc" }), "aes256-cbc", "aes128-cbc"),
      FAILED,
    ],
  ])("%s", (_what, xml, reason) => {
    expect(opened(xml)).toBe(reason);
  });

  test("with more attempts than two, of its keys with ours", () => {
    const twice = changed(locked(), encryptedKey, "$&$&");
    expect(opened(twice)).toBe(TEXT);
    expect(opened(twice, { keys: [othersKey, key] })).toBe(TOO_COMPLEX);
    expect(opened(locked(), { keys: [othersKey, othersKey, key] })).toBe(TOO_COMPLEX);
  });

  test("if none of our keys opens it", () => {
    expect(opened(locked(), { keys: [othersKey] })).toBe(FAILED);
  });
});

test("the algorithm of an element is checked without a key", () => {
  const cipher = (xml: string, allowed: readonly EncryptionAlgorithm[]) => () => checkCipher(parseXml(xml), allowed);
  expect(cipher(locked(), ["aes256-gcm"])).not.toThrow();
  expect(cipher(locked(), ["aes128-gcm"])).toThrow(expect.objectContaining({ reason: FORBIDDEN }));
});
