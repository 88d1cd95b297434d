import { createPrivateKey, type KeyObject } from "node:crypto";
import type { IntrospectionClient } from "../../../shared/domain/config/introspection.ts";
import { openSecret } from "../../../shared/infrastructure/secret/open-secret.ts";
import { certificateFetch } from "./certificate-fetch.ts";
import type { ClientAuthentication } from "./client-authentication.ts";

/** Mutual TLS: the connection's certificate says who asks, and the form names the client (RFC 8705 section 2). */
export function mutualTls({
  clientId,
  tls: { certificate, key: source },
}: Extract<IntrospectionClient, { readonly tls: unknown }>): ClientAuthentication {
  let known: { readonly key: KeyObject; readonly fetch: typeof globalThis.fetch } | undefined;
  return {
    secret: openSecret(source, readPrivateKey),
    present: async (key) => {
      if (!known?.key.equals(key)) known = { key, fetch: certificateFetch(certificate, key) };
      return { form: { client_id: clientId }, fetch: known.fetch };
    },
  };
}

function readPrivateKey(secret: Uint8Array): KeyObject {
  try {
    return createPrivateKey(Buffer.from(secret));
  } catch {
    throw new Error("the secret is no private key");
  }
}
