import { hash, type KeyObject, verify } from "node:crypto";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import {
  type HashAlgorithm,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../../../shared/domain/saml/algorithms.ts";
import { IDENTIFIERS } from "../identifiers.ts";
import { canonicalForm, isExclusive } from "./canonical.ts";
import { attribute, base64Of, children, is, onlyChild, parseXml } from "./document.ts";
import { hashOf } from "./hash-method.ts";
import { SIGNATURE_SCHEMES } from "./signature-schemes.ts";

const INVALID = "assertion_structure_invalid";
const FORBIDDEN = "assertion_algorithm_not_allowed";

/** Maximum length of a canonical SignedInfo, which is parsed before its signature is verified. Real ones have 2,000. */
const MAX_SIGNED_INFO = 8192;

/** Whether an element has a Signature child. */
export const isSigned = (element: Element): boolean => children(element, "signature", "Signature").length > 0;

/** An element parsed from signed bytes, and what signed it. */
export interface Signed {
  readonly element: Element;
  readonly key: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

/**
 * Verifies the signature of an element in the form that SAML requires (SAML core 5.4): enveloped, one reference to
 * the element by its ID, exclusive canonicalization. The signature is removed from the element.
 *
 * Both SignedInfo and the element are parsed again from the bytes that were verified. Therefore only signed data are
 * returned, even if the first parsing or the canonicalization was wrong.
 *
 * @param keys public keys of the identity provider; keys in the message are never used
 * @param allowed names of accepted signature algorithms
 * @param maxLength maximum length of the element's canonical form
 * @throws {Refusal} `assertion_unsigned`, `assertion_structure_invalid`, `assertion_algorithm_not_allowed`,
 *   `assertion_signature_invalid`, `assertion_too_complex`
 */
export function verifySigned(
  element: Element,
  keys: readonly KeyObject[],
  allowed: readonly SignatureAlgorithm[],
  maxLength: number,
): Signed {
  const signature = onlyChild(element, "signature", "Signature");
  demand(signature, "assertion_unsigned");
  const { reference, key, algorithm } = verifySignedInfo(signature, keys, allowed);
  element.removeChild(signature);
  const text = canonicalForm(element, reference.transform, maxLength);
  demand(hash(reference.hash, text, "base64") === reference.digest, "assertion_signature_invalid");
  const verified = parseXml(text);
  demand(attribute(verified, "ID") === reference.id, INVALID);
  return { element: verified, key, algorithm };
}

/** The reference of a signature to the signed element. */
export interface Reference {
  readonly id: string;
  /** The exclusive canonicalization of the element without its signature. */
  readonly transform: Element;
  readonly hash: HashAlgorithm;
  /** Base64. */
  readonly digest: string;
}

/**
 * Verifies a signature's SignedInfo alone. The digest of the element that it refers to must be compared afterwards.
 *
 * @throws {Refusal} as `verifySigned`
 */
export function verifySignedInfo(
  signature: Element,
  keys: readonly KeyObject[],
  allowed: readonly SignatureAlgorithm[],
): { reference: Reference; key: KeyObject; algorithm: SignatureAlgorithm } {
  const [found, value, ...others] = children(signature);
  demand(found && is(found, "signature", "SignedInfo") && value && is(value, "signature", "SignatureValue"), INVALID);
  demand(others.length <= 1 && others.every((other) => is(other, "signature", "KeyInfo")), INVALID);
  const method = exclusive(onlyChild(found, "signature", "CanonicalizationMethod"));
  const text = canonicalForm(found, method, MAX_SIGNED_INFO);
  const info = parseXml(text);
  demand(is(info, "signature", "SignedInfo"), INVALID);

  const algorithm = algorithmOf(onlyChild(info, "signature", "SignatureMethod"), allowed);
  const { scheme, hash: digest } = SIGNATURE_ALGORITHMS[algorithm];
  const { keyType, options } = SIGNATURE_SCHEMES[scheme];
  const reference = readReference(info, allowed);
  const bytes = base64Of(value, "assertion_signature_invalid");
  const key = keys.find(
    (each) => each.asymmetricKeyType === keyType && verify(digest, Buffer.from(text), { key: each, ...options }, bytes),
  );
  demand(key, "assertion_signature_invalid");
  return { reference, key, algorithm };
}

function readReference(info: Element, allowed: readonly SignatureAlgorithm[]): Reference {
  // The method was checked in the unsigned document before. This is the signed one.
  exclusive(onlyChild(info, "signature", "CanonicalizationMethod"));
  const reference = onlyChild(info, "signature", "Reference");
  const uri = reference && attribute(reference, "URI");
  demand(reference && uri && uri.length > 1 && uri.startsWith("#"), INVALID);

  const transforms = onlyChild(reference, "signature", "Transforms");
  const [enveloped, transform, ...more] = transforms ? children(transforms) : [];
  demand(enveloped && attribute(enveloped, "Algorithm") === IDENTIFIERS.enveloped && more.length === 0, FORBIDDEN);

  const method = onlyChild(reference, "signature", "DigestMethod");
  const hash = method && hashOf(method, "digest");
  demand(hash && allowed.some((name) => SIGNATURE_ALGORITHMS[name].hash === hash), FORBIDDEN);
  const digest = onlyChild(reference, "signature", "DigestValue");
  demand(digest, INVALID);
  return {
    id: uri.slice(1),
    transform: exclusive(transform),
    hash,
    digest: base64Of(digest, "assertion_signature_invalid").toString("base64"),
  };
}

function algorithmOf(method: Element | undefined, allowed: readonly SignatureAlgorithm[]) {
  const uri = method && attribute(method, "Algorithm");
  const algorithm = allowed.find((name) => SIGNATURE_ALGORITHMS[name].uri === uri);
  demand(algorithm, FORBIDDEN);
  return algorithm;
}

function exclusive(method: Element | undefined): Element {
  demand(method && isExclusive(method), FORBIDDEN);
  return method;
}
