import { type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readCertificate } from "../../providers/saml/certificate.ts";
import { type IdentityProviderMetadata, MetadataError, readMetadata } from "../../providers/saml/metadata.ts";
import { isSecureUrl } from "../../shared/domain/config/common.ts";
import type { SamlPreset } from "../../shared/domain/config/saml-presets.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";
import { oneEntityOf } from "./aggregate/one-entity.ts";
import { orFailure } from "./failures.ts";

/** The metadata of a whole federation may be long, so the limits are wider than those of the authorizer. */
const FETCH_LIMITS = { accept: "application/samlmetadata+xml, */*;q=0.1", timeout: 60_000, maxLength: 64 * 2 ** 20 };

/** A longer aggregate, in bytes, is not parsed as a whole: its tree takes many times its length in memory. */
const LARGE = 1024 * 1024;

/** Forms of entity ids by which products can be recognised. */
const PRODUCTS: readonly (readonly [RegExp, SamlPreset])[] = [
  [/^https:\/\/sts\.windows\.net\//, "entra"],
  [/^https?:\/\/www\.okta\.com\//, "okta"],
  [/\/realms\/[^/]+$/, "keycloak"],
  [/\/adfs\/services\/trust$/, "adfs"],
  [/^https:\/\/accounts\.google\.com\/o\/saml2/, "google"],
  [/pingone\./, "pingone"],
  [/\/idp\/shibboleth$/, "shibboleth"],
];

interface ImportOptions {
  readonly entity?: string;
  readonly signedBy?: string;
  readonly preset?: SamlPreset;
  readonly follow?: boolean;
}

/** Reads an identity provider's metadata and prints an entry for `saml.identityProviders`. */
export const importMetadata = (place: string, options: ImportOptions, io: CommandIo): Promise<void> =>
  orFailure(() => printEntry(place, options, io));

async function printEntry(place: string, options: ImportOptions, { stdout, stderr }: CommandIo): Promise<void> {
  const isUrl = /^https?:/i.test(place);
  if (options.follow && !isUrl) throw new UsageError("--follow takes a URL.");
  if (isUrl && !isSecureUrl(place)) throw new UsageError(INSECURE);
  const signer = options.signedBy === undefined ? undefined : await readFile(options.signedBy, "utf8");
  const signers = signer === undefined ? [] : [signerOf(signer)];
  const bytes = isUrl ? await fetched(place) : await readFile(place);
  const found = readLargeMetadata(bytes, signers, options.entity);
  for (const line of findings(found, Date.now() / 1000)) stderr.write(`${line}\n`);
  const preset = options.preset ?? guessedPreset(found.entityId);
  const entry = {
    issuer: found.entityId,
    ...(options.follow
      ? { metadata: { url: place, ...(signer !== undefined && { signedBy: [signer] }) } }
      : { certificates: found.encoded }),
    ...(preset && { preset }),
  };
  stdout.write(`${JSON.stringify(entry, undefined, 2)}\n`);
}

const INSECURE =
  "<place> takes an https URL without credentials (http only on a loopback address): anybody on the network path could " +
  "put certificates of their own into the metadata. Fetch the document in another way, check it, and import the file.";

/** The key of a certificate for --signed-by. @throws {UsageError} if it is too weak to prove anything */
function signerOf(certificate: string): KeyObject {
  const { key, isStrong } = readCertificate(certificate);
  if (isStrong) return key;
  throw new UsageError("--signed-by takes a certificate with a strong key: RSA of 2048 bits or more, or a NIST curve.");
}

/** Reads a document as `readMetadata` does, a large aggregate part by part. @throws {MetadataError} */
function readLargeMetadata(
  bytes: Buffer,
  signers: readonly KeyObject[],
  entityId: string | undefined,
): IdentityProviderMetadata {
  if (bytes.length > FETCH_LIMITS.maxLength) throw new MetadataError("it is too long");
  const one = bytes.length > LARGE ? oneEntityOf(bytes, { entityId, signers }) : undefined;
  const document = one?.bytes ?? bytes;
  return readMetadata(document, {
    entityId,
    signers: one?.isVerified ? [] : signers,
    maxLength: document.length,
  });
}

async function fetched(url: string): Promise<Buffer> {
  try {
    return await fetchBytes(url, fetch, FETCH_LIMITS);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new MetadataError(`they cannot be fetched: ${cause instanceof Error ? cause.message : message}`, {
      cause: error,
    });
  }
}

const guessedPreset = (entityId: string): SamlPreset | undefined =>
  PRODUCTS.find(([expression]) => expression.test(entityId))?.[1];

/** A summary that an administrator checks before using the entry. */
function findings({ entityId, encoded, certificates, validUntil }: IdentityProviderMetadata, now: number): string[] {
  const day = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
  return [
    `${entityId}`,
    ...(Number.isFinite(validUntil)
      ? [`  valid until ${day(validUntil)}${validUntil <= now ? ": it has ended" : ""}`]
      : []),
    ...certificates.map(({ notBefore: from, notAfter: until, isStrong, key }, index) => {
      const { fingerprint256 } = new X509Certificate(Buffer.from(encoded[index] ?? "", "base64"));
      const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
      const notes = certificateNotes({ from, until, isStrong }, now);
      return (
        `  certificate ${day(from)} to ${day(until)}, ${key.asymmetricKeyType} ${modulusLength ?? namedCurve ?? ""}, ` +
        `SHA-256 ${fingerprint256}${notes.map((note) => `: ${note}`).join("")}`
      );
    }),
  ];
}

function certificateNotes(
  { from, until, isStrong }: { readonly from: number; readonly until: number; readonly isStrong: boolean },
  now: number,
): string[] {
  const notes: string[] = [];
  if (!isStrong) notes.push("too weak, it will not be used");
  if (until <= now) notes.push("expired, see certificateDates");
  else if (from > now) notes.push("not valid yet");
  return notes;
}
