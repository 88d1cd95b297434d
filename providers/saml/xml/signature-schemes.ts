import { constants, type VerifyKeyObjectInput } from "node:crypto";
import type { SignatureScheme } from "../../../shared/domain/saml/algorithms.ts";

/** Parameters of node:crypto for verifying signatures of a scheme. */
interface SchemeParameters {
  /** Type of the keys for this scheme. Other keys are never tried with it. */
  readonly keyType: "rsa" | "ec";
  /** Options of `crypto.verify` besides the key. */
  readonly options: Readonly<Omit<VerifyKeyObjectInput, "key">>;
}

export const SIGNATURE_SCHEMES = {
  rsa: { keyType: "rsa", options: {} },
  /** The salt has the length of the hash (RFC 9231 section 2.3.10). */
  "rsa-pss": {
    keyType: "rsa",
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  /** The value is the concatenation of r and s (RFC 9231 section 2.3.6). */
  ecdsa: { keyType: "ec", options: { dsaEncoding: "ieee-p1363" } },
} as const satisfies Record<SignatureScheme, SchemeParameters>;
