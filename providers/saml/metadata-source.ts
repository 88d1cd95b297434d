import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { readCertificate } from "./certificate.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";

/** Limits of metadata that are fetched, in milliseconds. */
export const METADATA_TIMES = {
  maxAge: 3_600_000,
  /** Unless their validUntil is nearer. */
  staleIfError: 86_400_000,
  /** Between two fetches for a signature that no known certificate verifies. */
  cooldown: 30_000,
  retryDelay: 10_000,
  maxRetryDelay: 60_000,
} as const;

const BOUNDS = { accept: "application/samlmetadata+xml, application/xml, text/xml", timeout: 3000, maxLength: 2 ** 20 };

/** The certificates of an identity provider from its metadata, which are read at its first assertion and followed when they change. */
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

/** In Lambda a path is beside the bundle, elsewhere in the project. */
const fileName = (path: string) => join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), path);
