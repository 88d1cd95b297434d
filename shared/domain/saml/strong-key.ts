import type { KeyObject } from "node:crypto";

const MIN_RSA_BITS = 2048;
/** OpenSSL's names of P-256, P-384 and P-521. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** Whether a public key is strong enough: RSA with at least 2048 bits, or a NIST curve. */
export function isStrongKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === "rsa") return (details?.modulusLength ?? 0) >= MIN_RSA_BITS && (details?.publicExponent ?? 0n) >= 3n;
  return type === "ec" && CURVES.includes(details?.namedCurve ?? "");
}
