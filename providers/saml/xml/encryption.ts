import { constants, createDecipheriv, type KeyObject, privateDecrypt } from "node:crypto";
import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";
import { ENCRYPTION_ALGORITHMS, type EncryptionAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { attribute, base64Of, children, is, onlyChild } from "./document.ts";
import { hashOf } from "./hash-method.ts";

/** The only Type that an EncryptedData may have. */
const ELEMENT = `${NAMESPACES.encryption}Element`;
/** RSA-OAEP. The first uses SHA-1 for the mask; the second names the hash (XML Encryption 1.1 section 5.5.2). */
const RSA_OAEP_MGF1P = `${NAMESPACES.encryption}rsa-oaep-mgf1p`;
const RSA_OAEP = `${NAMESPACES.encryption11}rsa-oaep`;
const INVALID = "assertion_structure_invalid";
const FORBIDDEN = "assertion_algorithm_not_allowed";
const FAILED = "assertion_decryption_failed";
/** Maximum number of RSA decryptions for one message. A message may contain keys for several recipients. */
const MAX_ATTEMPTS = 2;

/**
 * Decrypts an element of SAML's EncryptedElementType (SAML core 2.2.4, XML Encryption 1.1): AES with a key that is
 * encrypted with RSA-OAEP. RSA with PKCS #1 v1.5 is never accepted (Bleichenbacher's attack). CBC is accepted only if
 * the entry allows it and a verified signature covers the element, because otherwise a caller could use the
 * authorizer as a padding oracle.
 *
 * @param allowed names of content encryption algorithms
 * @param isAuthentic whether a verified signature covers the element
 * @throws {Refusal} `assertion_decryption_failed` for every failure of a decryption;
 *   `assertion_algorithm_not_allowed`, `assertion_structure_invalid`, `assertion_too_complex`
 */
export function decryptElement(
  encrypted: Element,
  keys: readonly KeyObject[],
  allowed: readonly EncryptionAlgorithm[],
  isAuthentic: boolean,
): Buffer {
  const data = dataOf(encrypted);
  const name = cipherOf(data, allowed);
  demand(isAuthentic || ENCRYPTION_ALGORITHMS[name].mode === "gcm", FORBIDDEN);
  const keyInfo = onlyChild(data, "signature", "KeyInfo");
  const sent = [...(keyInfo ? children(keyInfo) : []), ...children(encrypted)].filter((element) =>
    is(element, "encryption", "EncryptedKey"),
  );
  demand(
    sent.length > 0 && sent.length * keys.length <= MAX_ATTEMPTS,
    sent.length > 0 ? "assertion_too_complex" : INVALID,
  );
  const content = cipherValue(data);
  for (const element of sent) {
    const unwrap = keyTransport(element);
    for (const key of keys) {
      const plain = attempt(() => decipher(name, unwrap(key), content));
      if (plain) return plain;
    }
  }
  throw new Refusal(FAILED);
}

/** Refuses an encrypted element with another content encryption algorithm. @throws {Refusal} */
export function checkCipher(encrypted: Element, allowed: readonly EncryptionAlgorithm[]): void {
  cipherOf(dataOf(encrypted), allowed);
}

function dataOf(encrypted: Element): Element {
  const data = onlyChild(encrypted, "encryption", "EncryptedData");
  demand(data && [undefined, ELEMENT].includes(attribute(data, "Type")), INVALID);
  return data;
}

/** The content encryption algorithm of EncryptedData. @throws {Refusal} `assertion_algorithm_not_allowed` */
function cipherOf(data: Element, allowed: readonly EncryptionAlgorithm[]): EncryptionAlgorithm {
  const method = onlyChild(data, "encryption", "EncryptionMethod");
  const uri = method && attribute(method, "Algorithm");
  const name = allowed.find((each) => ENCRYPTION_ALGORITHMS[each].uri === uri);
  demand(name, FORBIDDEN);
  return name;
}

/** How the key of the content comes out of an EncryptedKey: RSA-OAEP, whose two hashes must be the same one. */
function keyTransport(encryptedKey: Element): (key: KeyObject) => Buffer {
  const method = onlyChild(encryptedKey, "encryption", "EncryptionMethod");
  const algorithm = method && attribute(method, "Algorithm");
  demand(method && (algorithm === RSA_OAEP_MGF1P || algorithm === RSA_OAEP), FORBIDDEN);
  const digest = onlyChild(method, "signature", "DigestMethod");
  const mask = algorithm === RSA_OAEP ? onlyChild(method, "encryption11", "MGF") : undefined;
  const oaepHash = digest ? hashOf(digest, "digest") : "sha1";
  demand(oaepHash && oaepHash === (mask ? hashOf(mask, "mask") : "sha1"), FORBIDDEN);
  const label = onlyChild(method, "encryption", "OAEPparams");
  const oaepLabel = label ? base64Of(label, INVALID) : undefined;
  const value = cipherValue(encryptedKey);
  return (key) =>
    privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash, ...(oaepLabel?.length && { oaepLabel }) },
      value,
    );
}

/** @throws {Error} also if the key does not have the length of the algorithm */
function decipher(name: EncryptionAlgorithm, key: Buffer, content: Buffer): Buffer {
  const { bits, mode } = ENCRYPTION_ALGORITHMS[name];
  if (mode === "gcm") {
    const [iv, text, tag] = [content.subarray(0, 12), content.subarray(12, -16), content.subarray(-16)];
    demand(content.length > 28, FAILED);
    const cipher = createDecipheriv(`aes-${bits}-gcm`, key, iv, { authTagLength: 16 });
    cipher.setAuthTag(tag);
    return Buffer.concat([cipher.update(text), cipher.final()]);
  }
  const cipher = createDecipheriv(`aes-${bits}-cbc`, key, content.subarray(0, 16));
  cipher.setAutoPadding(false);
  const padded = Buffer.concat([cipher.update(content.subarray(16)), cipher.final()]);
  // Only the last byte of the padding has a defined value (XML Encryption 1.1 section 5.2.1).
  const length = padded.at(-1) ?? 0;
  demand(length >= 1 && length <= 16 && length < padded.length, FAILED);
  return padded.subarray(0, -length);
}

function attempt(run: () => Buffer): Buffer | undefined {
  try {
    return run();
  } catch {
    // The cause must not be visible to the caller, who could use it as an oracle.
    return undefined;
  }
}

function cipherValue(element: Element): Buffer {
  const data = onlyChild(element, "encryption", "CipherData");
  const [value, ...others] = data ? children(data) : [];
  // A CipherReference would make us fetch a URL from the message.
  demand(value && is(value, "encryption", "CipherValue") && others.length === 0, INVALID);
  return base64Of(value, INVALID);
}
