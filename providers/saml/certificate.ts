import { type KeyObject, X509Certificate } from "node:crypto";
import { isStrongKey } from "../../shared/domain/saml/strong-key.ts";

/** A signing certificate of an identity provider. */
export interface Certificate {
  readonly key: KeyObject;
  readonly isStrong: boolean;
  /** Its validity period (RFC 5280 section 4.1.2.5), in seconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The base64 of a certificate in PEM or base64. */
export const certificateBody = (text: string): string => text.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "");

/**
 * Parses a certificate in PEM, or in base64 as in metadata.
 *
 * @throws {Error} if it is not a certificate
 */
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

/** Whether a time is in the validity period of a certificate. @param time seconds since the epoch */
export const isWithinDates = ({ notBefore, notAfter }: Certificate, time: number): boolean =>
  notBefore <= time && time < notAfter;
