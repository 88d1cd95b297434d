import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { readCertificate } from "./certificate.ts";
import { metadataSource } from "./metadata-source.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";

/** Creates the source of an identity provider's certificates. Nothing is fetched before the first assertion. */
export function trustAnchorSource(entry: SamlIdentityProvider, fetch: typeof globalThis.fetch): TrustAnchorSource {
  if (entry.metadata) return metadataSource(entry.issuer, entry.metadata, fetch);
  let anchors: TrustAnchors | undefined;
  const current = async () => {
    anchors ??= {
      certificates: (entry.certificates ?? []).map(readCertificate),
      validUntil: Number.POSITIVE_INFINITY,
    };
    return anchors;
  };
  return { current, newer: current };
}
