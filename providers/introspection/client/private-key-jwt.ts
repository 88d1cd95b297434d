import { createPrivateKey, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { IntrospectionClient } from "../../../shared/domain/config/introspection.ts";
import { openSecret } from "../../../shared/infrastructure/secret/open-secret.ts";
import type { ClientAuthentication } from "./client-authentication.ts";

/** Seconds for which a signature is valid. */
const LIFETIME = 60;

/**
 * `private_key_jwt`: a signed JWT for each request (RFC 7523 sections 2.2 and 3). Its audience is the issuer alone and
 * its type is explicit (draft-ietf-oauth-rfc7523bis): another server cannot use it.
 */
export function privateKeyJwt(
  { clientId, privateKey, algorithm, keyId, audience }: Extract<IntrospectionClient, { readonly privateKey: unknown }>,
  issuer: string,
): ClientAuthentication {
  const header = { alg: algorithm, typ: "client-authentication+jwt", ...(keyId !== undefined && { kid: keyId }) };
  return {
    secret: openSecret(privateKey, readPrivateKey),
    present: async (key) => {
      const now = Math.floor(Date.now() / 1000);
      const assertion = await new SignJWT({ iss: clientId, sub: clientId, aud: audience ?? issuer, jti: randomUUID() })
        .setProtectedHeader(header)
        .setIssuedAt(now)
        .setExpirationTime(now + LIFETIME)
        .sign(key);
      return {
        form: {
          client_id: clientId,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: assertion,
        },
      };
    },
  };
}

/** PKCS #8 in PEM, or a JWK. The parsers' own messages may repeat a part of the key. */
function readPrivateKey(secret: Uint8Array): KeyObject {
  const text = new TextDecoder().decode(secret).trim();
  try {
    return text.startsWith("{") ? createPrivateKey({ key: JSON.parse(text), format: "jwk" }) : createPrivateKey(text);
  } catch {
    throw new Error("the secret is no private key");
  }
}
