import type { KeyObject } from "node:crypto";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { EncryptionAlgorithm, SignatureAlgorithm } from "../../shared/domain/saml/algorithms.ts";
import { type Message, readMessage } from "./message.ts";
import { checkSignaturePlaces } from "./wrapping-defence.ts";
import { decodeText } from "./xml/decode.ts";
import { is, onlyChild, parseXml } from "./xml/document.ts";
import { decryptElement } from "./xml/encryption.ts";
import { scanXml } from "./xml/scan.ts";
import { isSigned, verifySigned } from "./xml/signature.ts";

const INVALID = "assertion_structure_invalid";

/** A canonical form may be longer than the text: by namespaces that are declared anew, and by end tags. */
const MAX_GROWTH = 4;

/** Keys, algorithms and limits for verifying and decrypting a message. */
export interface VerificationOptions {
  /** Public keys of the identity provider. */
  readonly keys: readonly KeyObject[];
  /** Signature and encryption algorithms that the entry allows. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly encryptionAlgorithms: readonly EncryptionAlgorithm[];
  /** Our private keys. */
  readonly decryptionKeys: readonly KeyObject[];
  /** Maximum size of the XML in bytes. */
  readonly maxLength: number;
}

/** An assertion parsed from signed bytes, and the keys and algorithms that signed it or its Response. */
export interface SignedAssertion {
  readonly assertion: Element;
  readonly signers: readonly KeyObject[];
  readonly signedWith: readonly SignatureAlgorithm[];
}

/**
 * Verifies every signature of a message and decrypts its assertion. The returned assertion was parsed from signed
 * bytes. Nothing else of the message may be used afterwards. The signatures are removed from the elements of the
 * message.
 *
 * @throws {Refusal} `assertion_unsigned`, `assertion_signature_invalid`, `assertion_algorithm_not_allowed`,
 *   `assertion_structure_invalid`, `assertion_too_complex`, `assertion_encrypted`, `assertion_decryption_failed`
 */
export function signedAssertion(message: Message, options: VerificationOptions): SignedAssertion {
  const signers: KeyObject[] = [];
  const signedWith: SignatureAlgorithm[] = [];
  const verified = (element: Element): Element => {
    const signed = verifySigned(element, options.keys, options.algorithms, MAX_GROWTH * options.maxLength);
    signers.push(signed.key);
    signedWith.push(signed.algorithm);
    return signed.element;
  };
  const { response, encrypted } = message;
  checkPlaces(message);
  // The Response first: its signature covers the assertion's signature, which is then removed.
  const envelope = response && isSigned(response) ? verified(response) : undefined;
  const opened = encrypted ? decryptAssertion(envelope, message, options).assertion : message.assertion;
  demand(opened, INVALID);
  const enclosed = envelope && (encrypted ? opened : onlyChild(envelope, "assertion", "Assertion"));
  const assertion = isSigned(opened) ? verified(opened) : enclosed;
  demand(assertion, "assertion_unsigned");
  demand(is(assertion, "assertion", "Assertion"), INVALID);
  return { assertion, signers, signedWith };
}

/** Decrypts the assertion of the verified Response or, if it is not signed, of the message. */
export function decryptAssertion(
  envelope: Element | undefined,
  message: Message,
  options: Omit<VerificationOptions, "keys" | "algorithms">,
): Message {
  const encrypted = envelope ? onlyChild(envelope, "assertion", "EncryptedAssertion") : message.encrypted;
  demand(encrypted && options.decryptionKeys.length > 0, "assertion_encrypted");
  const { decryptionKeys, encryptionAlgorithms, maxLength } = options;
  const text = decodeText(
    decryptElement(encrypted, decryptionKeys, encryptionAlgorithms, envelope !== undefined),
    maxLength,
  );
  // Anyone can encrypt for our public key, so the decrypted text is not trusted either.
  scanXml(text);
  const within = readMessage(parseXml(text));
  demand(within.assertion && !within.response, INVALID);
  checkPlaces(within);
  return within;
}

function checkPlaces({ response, assertion, encrypted }: Message): void {
  const root = response ?? assertion ?? encrypted;
  if (root) checkSignaturePlaces(root, [response, assertion]);
}
