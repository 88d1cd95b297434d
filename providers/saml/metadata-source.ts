import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { type RemoteTimes, RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { readCertificate } from "./certificate.ts";
import type { IdentityProviderMetadata } from "./metadata.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";

type MetadataPlace = NonNullable<SamlIdentityProvider["metadata"]>;

/** Times for the metadata of identity providers, in milliseconds. */
export const METADATA_TIMES = {
  maxAge: 3_600_000,
  /** Never later than the `validUntil` of the metadata. */
  staleIfError: 86_400_000,
  timeout: 3000,
  /** Fetches for signatures that no known certificate verifies, and for metadata or certificates that have ended. */
  budget: { size: 5, refill: 10_000 },
} as const satisfies RemoteTimes;

const BOUNDS = { accept: "application/samlmetadata+xml, application/xml, text/xml", timeout: 3000, maxLength: 2 ** 20 };

/**
 * The certificates in the metadata of an identity provider. The metadata are read at the first assertion and then
 * updated.
 */
export function metadataSource(
  issuer: string,
  place: MetadataPlace,
  fetch: typeof globalThis.fetch,
): TrustAnchorSource {
  const texts = new WeakMap<TrustAnchors, Buffer>();
  const load = async (signal: AbortSignal, known: TrustAnchors | undefined): Promise<TrustAnchors> => {
    const bytes = await bytesOf(place, fetch, signal);
    // Metadata that have not changed keep the assertions that were verified with them.
    if (known && texts.get(known)?.equals(bytes)) return known;
    const anchors = await parsed(issuer, place, bytes);
    texts.set(anchors, bytes);
    return anchors;
  };
  return new RemoteValue(load, METADATA_TIMES, "metadata_unavailable");
}

/**
 * Reads the metadata of an identity provider once.
 *
 * @throws {MetadataError} if they cannot be used, or the error of the fetch or the file
 */
export async function fetchMetadata(
  issuer: string,
  place: MetadataPlace,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<IdentityProviderMetadata> {
  return parsed(issuer, place, await bytesOf(place, fetch, signal));
}

const bytesOf = ({ url, file }: MetadataPlace, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<Buffer> =>
  url === undefined ? readFile(fileName(file ?? ""), { signal }) : fetchBytes(url, fetch, { ...BOUNDS, signal });

async function parsed(issuer: string, { signedBy = [] }: MetadataPlace, bytes: Buffer) {
  const { readMetadata } = await import("./metadata.ts");
  const signers = signedBy.map((text) => readCertificate(text).key);
  return readMetadata(bytes, { entityId: issuer, signers, maxLength: BOUNDS.maxLength });
}

/** In Lambda the path is relative to the bundle, otherwise to the current folder. */
const fileName = (path: string) => join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), path);
