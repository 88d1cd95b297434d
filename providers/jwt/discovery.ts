import { isSecureUrl } from "../../shared/domain/config/common.ts";
import type { UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import { HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { fetchJson } from "../../shared/infrastructure/remote/fetch-json.ts";

/**
 * Address of an issuer's key set, from its discovery document.
 *
 * @throws {Error} if there is none that can be used
 */
export const discoverJwksUri = (issuer: string, fetch: typeof globalThis.fetch, signal: AbortSignal) =>
  discoverAddress(issuer, "jwks_uri", ({ jwks_uri: uri }) => uri, fetch, signal);

/**
 * An address from an issuer's discovery document: of OpenID Connect (Discovery 1.0 section 4) or, where there is none,
 * of OAuth 2.0 (RFC 8414 section 3). The document must say that it is this issuer's, or one issuer could speak for
 * another. Only the document of an issuer on loopback leads to http: there is more than issuers on loopback, such as
 * the runtime API of Lambda.
 *
 * @param read takes the address out of the document
 * @throws {Error} if there is none that can be used
 */
export async function discoverAddress(
  issuer: string,
  name: string,
  read: (document: UnknownObject) => unknown,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<string> {
  const document = await metadataOf(issuer, fetch, signal);
  if (document.issuer !== issuer) throw new Error("the discovery document is another issuer's");
  const uri = read(document);
  const isUsable = typeof uri === "string" && isSecureUrl(uri) && (isHttps(uri) || !isHttps(issuer));
  if (!isUsable) throw new Error(`the discovery document has no usable ${name}`);
  return uri;
}

const isHttps = (url: string) => new URL(url).protocol === "https:";

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
