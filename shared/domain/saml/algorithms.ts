import { NAMESPACES } from "./namespaces.ts";

/**
 * All algorithms for SAML, by name. The configuration's schema, the verification of signatures and digests, and
 * decryption use these tables. To add an algorithm, add a line here; the compiler reports what else is missing.
 */

const { signature, encryption, encryption11 } = NAMESPACES;
/** Prefixes of the identifiers in RFC 9231. */
const MORE = "http://www.w3.org/2001/04/xmldsig-more#";
const MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#";

/**
 * Hashes by their names in node:crypto, with their identifiers in DigestMethod and MGF (XML Encryption 1.1 section
 * 5.5.2).
 */
export const HASH_ALGORITHMS = {
  sha1: { digest: `${signature}sha1`, mask: `${encryption11}mgf1sha1` },
  sha256: { digest: `${encryption}sha256`, mask: `${encryption11}mgf1sha256` },
  sha384: { digest: `${MORE}sha384`, mask: `${encryption11}mgf1sha384` },
  sha512: { digest: `${encryption}sha512`, mask: `${encryption11}mgf1sha512` },
} as const;

export type HashAlgorithm = keyof typeof HASH_ALGORITHMS;

interface SignatureDescription {
  /** Identifier in SignatureMethod. */
  readonly uri: string;
  readonly hash: HashAlgorithm;
  readonly scheme: "rsa" | "rsa-pss" | "ecdsa";
}

/**
 * XML Signature algorithms by the last part of their identifiers (RFC 9231). HMAC is missing because it needs a
 * shared secret.
 */
export const SIGNATURE_ALGORITHMS = {
  "rsa-sha256": { uri: `${MORE}rsa-sha256`, hash: "sha256", scheme: "rsa" },
  "rsa-sha384": { uri: `${MORE}rsa-sha384`, hash: "sha384", scheme: "rsa" },
  "rsa-sha512": { uri: `${MORE}rsa-sha512`, hash: "sha512", scheme: "rsa" },
  "rsa-pss-sha256": { uri: `${MORE_2007}sha256-rsa-MGF1`, hash: "sha256", scheme: "rsa-pss" },
  "rsa-pss-sha384": { uri: `${MORE_2007}sha384-rsa-MGF1`, hash: "sha384", scheme: "rsa-pss" },
  "rsa-pss-sha512": { uri: `${MORE_2007}sha512-rsa-MGF1`, hash: "sha512", scheme: "rsa-pss" },
  "ecdsa-sha256": { uri: `${MORE}ecdsa-sha256`, hash: "sha256", scheme: "ecdsa" },
  "ecdsa-sha384": { uri: `${MORE}ecdsa-sha384`, hash: "sha384", scheme: "ecdsa" },
  "ecdsa-sha512": { uri: `${MORE}ecdsa-sha512`, hash: "sha512", scheme: "ecdsa" },
  "rsa-sha1": { uri: `${signature}rsa-sha1`, hash: "sha1", scheme: "rsa" },
} as const satisfies Record<string, SignatureDescription>;

export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS;
export type SignatureScheme = SignatureDescription["scheme"];

export const SIGNATURE_ALGORITHM_NAMES = Object.keys(SIGNATURE_ALGORITHMS) as SignatureAlgorithm[];

/** The signature algorithms without SHA-1, which is for identity providers that support nothing else. */
export const STRONG_SIGNATURE_ALGORITHMS = SIGNATURE_ALGORITHM_NAMES.filter(
  (name) => SIGNATURE_ALGORITHMS[name].hash !== "sha1",
);

interface EncryptionDescription {
  /** Identifier in the EncryptionMethod of EncryptedData. */
  readonly uri: string;
  /** Length of the key in bits. */
  readonly bits: 128 | 192 | 256;
  /** GCM detects changed bytes, CBC does not. */
  readonly mode: "gcm" | "cbc";
}

/** AES for content (XML Encryption 1.1 section 5.2), by the last part of the identifiers. */
export const ENCRYPTION_ALGORITHMS = {
  "aes128-gcm": { uri: `${encryption11}aes128-gcm`, bits: 128, mode: "gcm" },
  "aes192-gcm": { uri: `${encryption11}aes192-gcm`, bits: 192, mode: "gcm" },
  "aes256-gcm": { uri: `${encryption11}aes256-gcm`, bits: 256, mode: "gcm" },
  "aes128-cbc": { uri: `${encryption}aes128-cbc`, bits: 128, mode: "cbc" },
  "aes192-cbc": { uri: `${encryption}aes192-cbc`, bits: 192, mode: "cbc" },
  "aes256-cbc": { uri: `${encryption}aes256-cbc`, bits: 256, mode: "cbc" },
} as const satisfies Record<string, EncryptionDescription>;

export type EncryptionAlgorithm = keyof typeof ENCRYPTION_ALGORITHMS;

export const ENCRYPTION_ALGORITHM_NAMES = Object.keys(ENCRYPTION_ALGORITHMS) as EncryptionAlgorithm[];

/** The encryption algorithms with authentication. */
export const AUTHENTICATED_ENCRYPTION_ALGORITHMS = ENCRYPTION_ALGORITHM_NAMES.filter(
  (name) => ENCRYPTION_ALGORITHMS[name].mode === "gcm",
);
