import { constants, type VerifyKeyObjectInput } from "node:crypto";
import type { SignatureScheme } from "../../../shared/domain/saml/algorithms.ts";

/** How node:crypto verifies the signatures of a scheme. */
interface SchemeParameters {
  /** Type of the key it belongs to: no other kind of key is ever tried with it. */
  readonly keyType: "rsa" | "ec";
  /** Beside the key, what `crypto.verify` has to know. */
  readonly options: Readonly<Omit<VerifyKeyObjectInput, "key">>;
}

export const SIGNATURE_SCHEMES = {
  rsa: { keyType: "rsa", options: {} },
  /** Its salt is as long as the hash (RFC 9231 section 2.3.10). */
  "rsa-pss": {
    keyType: "rsa",
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  /** Its value is r and s side by side (RFC 9231 section 2.3.6). */
  ecdsa: { keyType: "ec", options: { dsaEncoding: "ieee-p1363" } },
} as const satisfies Record<SignatureScheme, SchemeParameters>;
