import { isSecureUrl } from "../../shared/domain/config/common.ts";
import { HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { fetchJson } from "../../shared/infrastructure/remote/fetch-json.ts";

/**
 * Address of an issuer's key set, from its discovery document: of OpenID Connect (Discovery 1.0 section 4) or, where
 * there is none, of OAuth 2.0 (RFC 8414 section 3). The document must say that it is this issuer's, or one issuer
 * could speak for another.
 */
export async function discoverJwksUri(
  issuer: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<string> {
  const { issuer: named, jwks_uri: uri } = await metadataOf(issuer, fetch, signal);
  if (named !== issuer) throw new Error("the discovery document is another issuer's");
  if (typeof uri !== "string" || !isSecureUrl(uri)) throw new Error("the discovery document has no usable jwks_uri");
  return uri;
}

async function metadataOf(issuer: string, fetch: typeof globalThis.fetch, signal: AbortSignal) {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  try {
    return await fetchJson(`${origin}${path}/.well-known/openid-configuration`, fetch, signal);
  } catch (error) {
    if (!(error instanceof HttpStatusError && error.code === "HTTP_404")) throw error;
    return fetchJson(`${origin}/.well-known/oauth-authorization-server${path}`, fetch, signal);
  }
}
