import { createSecretKey } from "node:crypto";
import type { IntrospectionClient } from "../../../shared/domain/config/introspection.ts";
import { openSecret } from "../../../shared/infrastructure/secret/open-secret.ts";
import type { ClientAuthentication } from "./client-authentication.ts";

/** `client_secret_basic`: id and secret as the user and password of HTTP Basic (RFC 6749 section 2.3.1). */
export function secretBasic({
  clientId,
  secret,
}: Extract<IntrospectionClient, { readonly secret: unknown }>): ClientAuthentication {
  return {
    secret: openSecret(secret, (bytes) => createSecretKey(bytes)),
    present: async (key) => {
      const pair = `${formEncoded(clientId)}:${formEncoded(key.export().toString())}`;
      return { headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
    },
  };
}

/** The encoding of forms, which comes before that of HTTP Basic (RFC 6749 appendix B): a colon in the id is no end. */
const formEncoded = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
