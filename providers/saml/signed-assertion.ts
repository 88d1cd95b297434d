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

/** With what a message may be verified and opened. */
export interface Trusted {
  /** Public keys of the identity provider. */
  readonly keys: readonly KeyObject[];
  /** Names of signature and encryption algorithms that its entry allows. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly encryptionAlgorithms: readonly EncryptionAlgorithm[];
  /** Our own private keys. */
  readonly decryptionKeys: readonly KeyObject[];
  /** Bytes of XML. */
  readonly maxLength: number;
}

/** An assertion as it was signed, and the keys that signed it or its Response. */
export interface SignedAssertion {
  readonly assertion: Element;
  readonly signers: readonly KeyObject[];
}

/**
 * Verifies every signature of a message and opens what is encrypted. The assertion that comes out was parsed from bytes that a signature
 * covers; nothing else of the message may be read afterwards. The message's elements lose their signatures.
 *
 * @throws {Refusal} `assertion_unsigned`, `assertion_signature_invalid`, `assertion_algorithm_not_allowed`, `assertion_structure_invalid`,
 *   `assertion_encrypted`, `assertion_decryption_failed`
 */
export function signedAssertion(message: Message, trusted: Trusted): SignedAssertion {
  const signers: KeyObject[] = [];
  const verified = (element: Element): Element => {
    const signed = verifySigned(element, trusted.keys, trusted.algorithms);
    signers.push(signed.key);
    return signed.element;
  };
  const { response, encrypted } = message;
  checkPlaces(message);
  // Outside in: the Response's signature covers the assertion's.
  const envelope = response && isSigned(response) ? verified(response) : undefined;
  const opened = encrypted ? decryptAssertion(envelope, message, trusted).assertion : message.assertion;
  demand(opened, INVALID);
  const enclosed = envelope && (encrypted ? opened : onlyChild(envelope, "assertion", "Assertion"));
  const assertion = isSigned(opened) ? verified(opened) : enclosed;
  demand(assertion, "assertion_unsigned");
  demand(is(assertion, "assertion", "Assertion"), INVALID);
  return { assertion, signers };
}

/** Opens the encrypted assertion of a message: that of the verified Response, if there is one. */
export function decryptAssertion(envelope: Element | undefined, message: Message, trusted: Trusted): Message {
  const encrypted = envelope ? onlyChild(envelope, "assertion", "EncryptedAssertion") : message.encrypted;
  demand(encrypted && trusted.decryptionKeys.length > 0, "assertion_encrypted");
  const { decryptionKeys, encryptionAlgorithms, maxLength } = trusted;
  const text = decodeText(
    decryptElement(encrypted, decryptionKeys, encryptionAlgorithms, envelope !== undefined),
    maxLength,
  );
  // Anyone can encrypt for us: what comes out is as hostile as what came in.
  scanXml(text);
  const within = readMessage(parseXml(text));
  demand(within.assertion && !within.response && !within.encrypted, INVALID);
  checkPlaces(within);
  return within;
}

function checkPlaces({ response, assertion, encrypted }: Message): void {
  const root = response ?? assertion ?? encrypted;
  if (root) checkSignaturePlaces(root, [response, assertion]);
}
