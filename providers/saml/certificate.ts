import { type KeyObject, X509Certificate } from "node:crypto";
import { isStrongKey } from "./xml/algorithms.ts";

/** A signing certificate of an identity provider. */
export interface Certificate {
  readonly key: KeyObject;
  readonly isStrong: boolean;
  /** Seconds since the epoch. */
  readonly from: number;
  readonly until: number;
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
  return { key, isStrong: isStrongKey(key), from: validFromDate.getTime() / 1000, until: validToDate.getTime() / 1000 };
}

export const isWithinDates = ({ from, until }: Certificate, time: number): boolean => from <= time && time < until;
