import { createPrivateKey, type KeyObject } from "node:crypto";
import type { SamlConfig, SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { trustAnchorSource } from "./trust-anchor-source.ts";
import type { TrustAnchorSource } from "./trust-anchors.ts";
import { type SamlContext, type VerifiedAssertion, verifyMessage } from "./verify.ts";

/** What verifies for one configuration, and keeps what it learns on the way: certificates, and our own keys. */
export interface Verifier {
  /** @throws {Refusal} @throws {TroubleError} */
  verify(text: string, request: AuthorizationRequest): Promise<VerifiedAssertion>;
  /** Whether what an assertion was verified with is still what it would be verified with. @throws {TroubleError} */
  holds(verified: VerifiedAssertion): Promise<boolean>;
}

export function createVerifier(config: SamlConfig, fetch: typeof globalThis.fetch): Verifier {
  const sources = new Map<SamlIdentityProvider, TrustAnchorSource>();
  let keys: Promise<readonly KeyObject[]> | undefined;

  const sourceOf = (entry: SamlIdentityProvider) => {
    const source = sources.get(entry) ?? trustAnchorSource(entry, fetch);
    sources.set(entry, source);
    return source;
  };

  /** Opened at the first encrypted assertion. A failure is not kept: the next one tries again. */
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
    holds: async ({ entry, anchors }) => (await sourceOf(entry).current()) === anchors,
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
