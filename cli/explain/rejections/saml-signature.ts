import { type KeyObject, X509Certificate } from "node:crypto";
import { type Certificate, isWithinDates } from "../../../providers/saml/certificate.ts";
import { trustAnchorSource } from "../../../providers/saml/trust-anchor-source.ts";
import type { TrustAnchors } from "../../../providers/saml/trust-anchors.ts";
import { HASH_ALGORITHMS, SIGNATURE_ALGORITHMS } from "../../../shared/domain/saml/algorithms.ts";
import { shownTime } from "../shown-time.ts";
import { shownValue } from "../shown-value.ts";
import { anyOf, type Expectation, expectation, expectedEnd } from "./expectation.ts";
import type { AssertionCase } from "./saml-case.ts";
import { attributesOf, elementsIn, textIn } from "./saml-message.ts";

/** The certificates that should verify the signature, and the one that the message carries. */
export async function signatureExpectations(message: AssertionCase): Promise<Expectation[]> {
  const anchors = await anchorsOf(message);
  const place = message.entry.metadata ? "the metadata" : "the configuration";
  const known = anchors?.certificates ?? [];
  const expected = anchors
    ? `a signature by ${place}'s ${known.map(certificateText).join("; ")}`
    : `${place}, which cannot be read`;
  const carried = elementsIn(message.message.root, "signature", "X509Certificate").flatMap(
    (each) => certificateIn(textIn(each)) ?? [],
  );
  if (carried.length === 0)
    return [{ of: "Signature", expected, found: "another signature; the message names no certificate" }];
  return carried.map((certificate) => {
    const isKnown = known.some(({ key }) => key.equals(certificate.publicKey));
    const hint = isKnown
      ? "the certificate is the right one: the message was changed after it was signed"
      : "the identity provider signs with another key: add its certificate, or use its metadata";
    return { of: "Signature", expected, found: `the certificate ${carriedText(certificate)}`, hint };
  });
}

/** The dates of each certificate, and the end of the metadata. */
export async function certificateExpectations(message: AssertionCase): Promise<Expectation[]> {
  const { time } = message.request;
  const anchors = await anchorsOf(message);
  if (!anchors) return [];
  const ended = anchors.validUntil <= time ? [expectedEnd("validUntil of the metadata", anchors.validUntil, time)] : [];
  const outside = anchors.certificates.filter((certificate) => !isWithinDates(certificate, time));
  return [
    ...ended,
    ...outside.map((certificate) => ({
      of: "certificate",
      expected: `valid at ${shownTime(time)}, the time of the request`,
      found: certificateText(certificate),
      hint: "certificateDates decides what happens then",
    })),
  ];
}

/** Algorithms of the message and those that the entry allows, and keys that are too weak. */
export async function algorithmExpectations(message: AssertionCase): Promise<Expectation[]> {
  const { root } = message.message;
  const { algorithms, encryptionAlgorithms } = message.entry;
  const found = (name: string, of: "signature" | "encryption") => attributesOf(elementsIn(root, of, name), "Algorithm");
  const allowed = algorithms.map((name) => SIGNATURE_ALGORITHMS[name]);
  const digests = [...new Set(allowed.map(({ hash }) => HASH_ALGORITHMS[hash].digest))];
  const weak = (await anchorsOf(message))?.certificates.filter(({ isStrong }) => !isStrong) ?? [];
  const wrong = (of: string, names: readonly string[], expected: string, uris: readonly string[]) =>
    names.filter((name) => !uris.includes(name)).map((name) => expectation(of, expected, shortName(name)));
  const ciphers = found("EncryptionMethod", "encryption").map(shortName);
  return [
    ...wrong(
      "SignatureMethod",
      found("SignatureMethod", "signature"),
      anyOf(algorithms),
      allowed.map(({ uri }) => uri),
    ),
    ...wrong("DigestMethod", found("DigestMethod", "signature"), anyOf(digests.map(shortName)), digests),
    ...(ciphers.length > 0 ? [expectation("EncryptionMethod", anyOf(encryptionAlgorithms), ciphers)] : []),
    ...weak.map((each) => ({
      of: "certificate",
      expected: "RSA of 2048 bits, or a NIST curve",
      found: certificateText(each),
    })),
  ];
}

async function anchorsOf({ entry }: AssertionCase): Promise<TrustAnchors | undefined> {
  return trustAnchorSource(entry, globalThis.fetch)
    .current()
    .catch(() => undefined);
}

const shortName = (uri: string) => uri.split("#").at(-1) ?? uri;

const certificateText = ({ key, notBefore, notAfter }: Certificate) =>
  `certificate (${keyText(key)}, ${day(notBefore)} to ${day(notAfter)})`;

function carriedText({ subject, publicKey, validFromDate, validToDate }: X509Certificate): string {
  const dates = `${day(validFromDate.getTime() / 1000)} to ${day(validToDate.getTime() / 1000)}`;
  return `${shownValue(subject.replaceAll("\n", ", "))} (${keyText(publicKey)}, ${dates})`;
}

const day = (time: number) => shownTime(time).slice(0, 10);

function keyText({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  return type === "rsa" ? `RSA ${details?.modulusLength}` : (details?.namedCurve ?? String(type));
}

function certificateIn(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
