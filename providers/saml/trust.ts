import type { KeyObject } from "node:crypto";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { isWithinDates } from "./certificate.ts";
import type { TrustAnchors } from "./trust-anchors.ts";

/** The keys that are trusted at a point in time. */
export interface Trust {
  readonly keys: readonly KeyObject[];
  /** The keys of expired or not yet valid certificates that are accepted with a warning. */
  readonly outOfDates: readonly KeyObject[];
  /** When a key and its signatures are no longer trusted, in seconds since the epoch. */
  endOf(key: KeyObject): number;
  /** When any of this changes, in seconds since the epoch. */
  readonly until: number;
}

/**
 * The keys that may verify a signature at a point in time. Certificates in the message are never used.
 *
 * @throws {Refusal} `assertion_certificate_invalid` if no certificate is valid, `assertion_algorithm_not_allowed` if
 *   no key is strong enough
 */
export function trustAt(
  { certificates, validUntil }: TrustAnchors,
  { certificateDates }: SamlIdentityProvider,
  time: number,
): Trust {
  demand(time < validUntil, "assertion_certificate_invalid");
  const withinDates = certificates.filter((certificate) => isWithinDates(certificate, time));
  const usable = certificateDates === "refuse" ? withinDates : certificates;
  demand(usable.length > 0, "assertion_certificate_invalid");
  const strong = usable.filter(({ isStrong }) => isStrong);
  demand(strong.length > 0, "assertion_algorithm_not_allowed");
  const outOfDates =
    certificateDates === "warn" ? strong.filter((certificate) => !withinDates.includes(certificate)) : [];
  const changes = certificates
    .flatMap(({ notBefore, notAfter }) => [notBefore, notAfter])
    .filter((instant) => instant > time);
  return {
    keys: strong.map(({ key }) => key),
    outOfDates: outOfDates.map(({ key }) => key),
    endOf: (key) => {
      const dates = certificateDates === "refuse" ? strong.filter((each) => each.key === key) : [];
      return Math.min(validUntil, ...dates.map(({ notAfter }) => notAfter));
    },
    until: Math.min(validUntil, ...changes),
  };
}
