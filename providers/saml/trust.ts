import type { KeyObject } from "node:crypto";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import { isWithinDates } from "./certificate.ts";
import type { TrustAnchors } from "./trust-anchors.ts";

/** The keys that count at an instant. */
export interface Trust {
  readonly keys: readonly KeyObject[];
  /** Those whose certificate is out of its dates, and is accepted with a warning. */
  readonly outOfDates: readonly KeyObject[];
  /** When a key, and with it all that it signed, ceases to count: seconds since the epoch. */
  endOf(key: KeyObject): number;
  /** Until when nothing of all this changes, likewise. */
  readonly until: number;
}

/**
 * The keys with which a signature may be verified at an instant. What a message brings along is never looked at.
 *
 * @throws {Refusal} `assertion_certificate_invalid` if nothing is within its dates, `assertion_algorithm_not_allowed` if no key is strong enough
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
