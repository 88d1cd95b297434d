import { readCertificate } from "../../providers/saml/certificate.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** A warning is given when a certificate expires within this number of days. */
const NOTICE_DAYS = 30;
const SECONDS_PER_DAY = 86_400;

/**
 * Warns about configured certificates that are weak, expired, not valid yet, or about to expire. Certificates in
 * metadata are not checked: the identity provider replaces them.
 *
 * @param time current time in seconds since the epoch
 */
export function certificateWarnings({ saml }: Config, time: number): Warning[] {
  return (saml?.identityProviders ?? []).flatMap(({ certificates = [], certificateDates }, entry) =>
    certificates.flatMap((text, index) => {
      const { notBefore: from, notAfter: until, isStrong } = readCertificate(text);
      const path = `saml.identityProviders[${entry}].certificates[${index}]`;
      const weak = "its key is too weak: signatures made with it are refused";
      const dated = certificateDates === "ignore" ? undefined : datesMessage(from, until, time);
      return [...(isStrong ? [] : [{ path, message: weak }]), ...(dated ? [{ path, message: dated }] : [])];
    }),
  );
}

function datesMessage(from: number, until: number, time: number): string | undefined {
  const day = (instant: number) => new Date(instant * 1000).toISOString().slice(0, 10);
  if (until <= time) return `it ended on ${day(until)}`;
  if (from > time) return `it begins on ${day(from)}`;
  return until - time < NOTICE_DAYS * SECONDS_PER_DAY ? `it ends on ${day(until)}` : undefined;
}
