import { X509Certificate } from "node:crypto";
import type { SamlIdentityProvider } from "../../shared/config/saml.ts";
import { demand } from "../../shared/reasons/errors.ts";

const MIN_BITS = 2048;

/** A signing certificate of an identity provider. */
interface Certificate {
  readonly pem: string;
  readonly isStrong: boolean;
  /** Seconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const parsed = new WeakMap<SamlIdentityProvider, readonly Certificate[]>();

/**
 * Certificates of an identity provider with which a signature may be verified at an instant. They are the configuration's; what a message
 * brings along is never looked at.
 *
 * @throws {Refusal} `assertion_certificate_invalid` if none is within its dates, `assertion_algorithm_not_allowed` if none has a key of 2048 bits
 */
export function trustedCertificates(entry: SamlIdentityProvider, time: number): string[] {
  let certificates = parsed.get(entry);
  if (!certificates) {
    certificates = entry.certificates.map(readCertificate);
    parsed.set(entry, certificates);
  }
  const current = certificates.filter(({ from, until }) => from <= time && time < until);
  demand(current.length > 0, "assertion_certificate_invalid");
  const strong = current.filter(({ isStrong }) => isStrong);
  demand(strong.length > 0, "assertion_algorithm_not_allowed");
  return strong.map(({ pem }) => pem);
}

function readCertificate(text: string): Certificate {
  const body = text.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "");
  const certificate = new X509Certificate(Buffer.from(body, "base64"));
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  return {
    pem: certificate.toString(),
    isStrong: type === "rsa" && (details?.modulusLength ?? 0) >= MIN_BITS,
    from: certificate.validFromDate.getTime() / 1000,
    until: certificate.validToDate.getTime() / 1000,
  };
}
