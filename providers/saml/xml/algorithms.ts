import { constants, type KeyObject } from "node:crypto";

/** How a signature algorithm of XML Signature is verified. */
export interface SignatureAlgorithm {
  /** Its identifier. */
  readonly uri: string;
  readonly hash: "sha1" | "sha256" | "sha384" | "sha512";
  /** Type of the key it belongs to: no other kind of key is ever tried with it. */
  readonly keyType: "rsa" | "ec";
  /** Beside the key, what `crypto.verify` has to know. */
  readonly options: { readonly dsaEncoding?: "ieee-p1363"; readonly padding?: number; readonly saltLength?: number };
}

const rsa = (hash: SignatureAlgorithm["hash"], uri: string): SignatureAlgorithm => ({
  uri,
  hash,
  keyType: "rsa",
  options: {},
});
/** Its salt is as long as the hash (RFC 9231 section 2.3.10). */
const pss = (hash: SignatureAlgorithm["hash"]): SignatureAlgorithm => ({
  uri: `http://www.w3.org/2007/05/xmldsig-more#${hash}-rsa-MGF1`,
  hash,
  keyType: "rsa",
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
});
/** Its value is r and s side by side (RFC 9231 section 2.3.6). */
const ecdsa = (hash: SignatureAlgorithm["hash"]): SignatureAlgorithm => ({
  uri: `http://www.w3.org/2001/04/xmldsig-more#ecdsa-${hash}`,
  hash,
  keyType: "ec",
  options: { dsaEncoding: "ieee-p1363" },
});

/** By the names that the configuration uses (RFC 9231, XML Signature 1.1). There is no HMAC: a certificate is no secret. */
export const SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  "rsa-sha256": rsa("sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
  "rsa-sha384": rsa("sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
  "rsa-sha512": rsa("sha512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
  "rsa-sha1": rsa("sha1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
  "rsa-pss-sha256": pss("sha256"),
  "rsa-pss-sha384": pss("sha384"),
  "rsa-pss-sha512": pss("sha512"),
  "ecdsa-sha256": ecdsa("sha256"),
  "ecdsa-sha384": ecdsa("sha384"),
  "ecdsa-sha512": ecdsa("sha512"),
};

/** Digest algorithms by their identifiers. */
export const DIGESTS: Readonly<Record<string, SignatureAlgorithm["hash"]>> = {
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
  "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
};

const MIN_RSA_BITS = 2048;
/** P-256, P-384 and P-521 as OpenSSL calls them. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** Whether a public key proves enough: RSA of 2048 bits or more, or one of the NIST curves. */
export function isStrongKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === "rsa") return (details?.modulusLength ?? 0) >= MIN_RSA_BITS && (details?.publicExponent ?? 0n) >= 3n;
  return type === "ec" && CURVES.includes(details?.namedCurve ?? "");
}
