import { readCertificate } from "../../providers/saml/certificate.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** Days before the end of a certificate from which it is worth a word. */
const NOTICE = 30;
const DAY = 86_400;

/**
 * Certificates of the configuration that do not verify anything, or soon will not. Those of metadata are the identity provider's to replace.
 *
 * @param time seconds since the epoch
 */
export function certificateWarnings({ saml }: Config, time: number): Warning[] {
  return (saml?.identityProviders ?? []).flatMap(({ certificates = [], certificateDates }, entry) =>
    certificates.flatMap((text, index) => {
      const { notBefore: from, notAfter: until, isStrong } = readCertificate(text);
      const path = `saml.identityProviders[${entry}].certificates[${index}]`;
      const weak = "its key is too weak: nothing that it signs is accepted";
      const dated = certificateDates === "ignore" ? undefined : datesMessage(from, until, time);
      return [...(isStrong ? [] : [{ path, message: weak }]), ...(dated ? [{ path, message: dated }] : [])];
    }),
  );
}

function datesMessage(from: number, until: number, time: number): string | undefined {
  const day = (instant: number) => new Date(instant * 1000).toISOString().slice(0, 10);
  if (until <= time) return `it ended on ${day(until)}`;
  if (from > time) return `it begins on ${day(from)}`;
  return until - time < NOTICE * DAY ? `it ends on ${day(until)}` : undefined;
}
