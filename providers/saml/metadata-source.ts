import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { readCertificate } from "./certificate.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";

/** Times for the metadata of identity providers, in milliseconds. */
export const METADATA_TIMES = {
  maxAge: 3_600_000,
  /** Never later than the `validUntil` of the metadata. */
  staleIfError: 86_400_000,
  /** Minimum time between two fetches for signatures that no known certificate verifies. */
  cooldown: 30_000,
  retryDelay: 10_000,
  maxRetryDelay: 60_000,
} as const;

const BOUNDS = { accept: "application/samlmetadata+xml, application/xml, text/xml", timeout: 3000, maxLength: 2 ** 20 };

/**
 * The certificates in the metadata of an identity provider. The metadata are read at the first assertion and then
 * updated.
 */
export function metadataSource(
  issuer: string,
  { url, file, signedBy = [] }: NonNullable<SamlIdentityProvider["metadata"]>,
  fetch: typeof globalThis.fetch,
): TrustAnchorSource {
  const load = async (): Promise<TrustAnchors> => {
    const bytes = url === undefined ? await readFile(fileName(file ?? "")) : await fetchBytes(url, fetch, BOUNDS);
    const { readMetadata } = await import("./metadata.ts");
    const signers = signedBy.map((text) => readCertificate(text).key);
    return readMetadata(bytes, { entityId: issuer, signers, maxLength: BOUNDS.maxLength });
  };
  return new RemoteValue(load, METADATA_TIMES, "metadata_unavailable");
}

/** In Lambda the path is relative to the bundle, otherwise to the current folder. */
const fileName = (path: string) => join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), path);
