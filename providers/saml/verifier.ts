import { createPrivateKey, type KeyObject } from "node:crypto";
import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { trustAnchorSource } from "./trust-anchor-source.ts";
import type { TrustAnchorSource, TrustAnchors } from "./trust-anchors.ts";
import { type SamlContext, type VerifiedAssertion, type VerifiedMessage, verifyMessage } from "./verify.ts";

/** Verifies messages with one configuration. It caches certificates and our private keys. */
export interface Verifier {
  /** @throws {Refusal} @throws {TroubleError} */
  verify(text: string, request: AuthorizationRequest): Promise<VerifiedMessage>;
  /** The certificates of an identity provider at present. @throws {TroubleError} */
  anchorsOf(entry: SamlIdentityProvider): Promise<TrustAnchors>;
  /** Whether the certificates have not changed since the assertion was verified. @throws {TroubleError} */
  isCurrent(verified: VerifiedAssertion): Promise<boolean>;
}

/** Creates a verifier. Nothing is fetched before the first message. */
export function createVerifier(config: SamlConfig, fetch: typeof globalThis.fetch): Verifier {
  const sources = new Map<SamlIdentityProvider, TrustAnchorSource>();
  const keys = (config.decryption?.keys ?? []).map((source) => openSecret(source, privateKeyOf));

  const sourceOf = (entry: SamlIdentityProvider) => {
    const source = sources.get(entry) ?? trustAnchorSource(entry, fetch);
    sources.set(entry, source);
    return source;
  };

  const openKeys = () => Promise.all(keys.map((key) => key.current()));

  const renewKeys = async (used: readonly KeyObject[]) => {
    const newest = await Promise.all(keys.map(async (key, index) => key.newer(used[index] ?? (await key.current()))));
    return newest.some((key) => !used.includes(key));
  };

  const context: SamlContext = { config, sourceOf, openKeys, renewKeys };
  return {
    verify: (text, request) => verifyMessage(text, request, context),
    anchorsOf: (entry) => sourceOf(entry).current(),
    isCurrent: async ({ entry, anchors }) => (await sourceOf(entry).current()) === anchors,
  };
}

/** A private key in PEM. @throws {Error} if it is not one */
const privateKeyOf = (pem: Uint8Array): KeyObject => createPrivateKey(Buffer.from(pem));
