import { createPrivateKey, type KeyObject } from "node:crypto";
import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { trustAnchorSource } from "./trust-anchor-source.ts";
import type { TrustAnchorSource } from "./trust-anchors.ts";
import { type SamlContext, type VerifiedAssertion, verifyMessage } from "./verify.ts";

/** Verifies messages with one configuration. It caches certificates and our private keys. */
export interface Verifier {
  /** @throws {Refusal} @throws {TroubleError} */
  verify(text: string, request: AuthorizationRequest): Promise<VerifiedAssertion>;
  /** Whether the certificates have not changed since the assertion was verified. @throws {TroubleError} */
  isCurrent(verified: VerifiedAssertion): Promise<boolean>;
}

/** Creates a verifier. Nothing is fetched before the first message. */
export function createVerifier(config: SamlConfig, fetch: typeof globalThis.fetch): Verifier {
  const sources = new Map<SamlIdentityProvider, TrustAnchorSource>();
  let keys: Promise<readonly KeyObject[]> | undefined;

  const sourceOf = (entry: SamlIdentityProvider) => {
    const source = sources.get(entry) ?? trustAnchorSource(entry, fetch);
    sources.set(entry, source);
    return source;
  };

  /** Opens the keys for the first encrypted assertion. A failure is not cached: the next assertion tries again. */
  const openKeys = () => {
    keys ??= readPrivateKeys(config).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };

  const context: SamlContext = { config, sourceOf, openKeys };
  return {
    verify: (text, request) => verifyMessage(text, request, context),
    isCurrent: async ({ entry, anchors }) => (await sourceOf(entry).current()) === anchors,
  };
}

async function readPrivateKeys({ decryption }: SamlConfig): Promise<readonly KeyObject[]> {
  return Promise.all(
    (decryption?.keys ?? []).map(async (source) => {
      const pem = await openSecret(source);
      try {
        return createPrivateKey(Buffer.from(pem));
      } catch (error) {
        throw new TroubleError("secret_unavailable", error);
      }
    }),
  );
}
