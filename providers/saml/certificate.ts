import { type KeyObject, X509Certificate } from "node:crypto";

/** A signing certificate of an identity provider. */
export interface Certificate {
  readonly key: KeyObject;
  readonly isStrong: boolean;
  /** Its validity period (RFC 5280 section 4.1.2.5), in seconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const MIN_RSA_BITS = 2048;
/** P-256, P-384 and P-521 as OpenSSL calls them. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** Whether a public key proves enough: RSA of 2048 bits or more, or one of the NIST curves. */
function isStrongKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === "rsa") return (details?.modulusLength ?? 0) >= MIN_RSA_BITS && (details?.publicExponent ?? 0n) >= 3n;
  return type === "ec" && CURVES.includes(details?.namedCurve ?? "");
}

/** The base64 of a certificate, with or without the armour of PEM. */
export const certificateBody = (text: string): string => text.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "");

/** Reads a certificate from PEM or from base64 alone, as metadata has it. @throws {Error} if it is none */
export function readCertificate(text: string): Certificate {
  const {
    publicKey: key,
    validFromDate,
    validToDate,
  } = new X509Certificate(Buffer.from(certificateBody(text), "base64"));
  return {
    key,
    isStrong: isStrongKey(key),
    notBefore: validFromDate.getTime() / 1000,
    notAfter: validToDate.getTime() / 1000,
  };
}

export const isWithinDates = ({ notBefore, notAfter }: Certificate, time: number): boolean =>
  notBefore <= time && time < notAfter;
