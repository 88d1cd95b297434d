import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import type { SecretSource } from "../../../shared/domain/config/secret.ts";
import { isStrongKey } from "../../../shared/domain/saml/strong-key.ts";
import { openSecret } from "../../../shared/infrastructure/secret/open-secret.ts";
import { publishedKey, type Signer } from "./signer.ts";

/** Signs with a private key in the process. For development only: who can read the function's memory can sign. */
export function developmentSigner(source: SecretSource): Signer {
  const secret = openSecret(source, (pem) => {
    const key = createPrivateKey(Buffer.from(pem));
    return key.asymmetricKeyType === "rsa" && isStrongKey(createPublicKey(key)) ? key : undefined;
  });

  async function opened() {
    const key = await secret.current();
    const { n = "", e = "" } = createPublicKey(key).export({ format: "jwk" });
    return { key, jwk: { n, e }, kid: await calculateJwkThumbprint({ kty: "RSA", n, e }) };
  }

  return {
    async published() {
      const { jwk, kid } = await opened();
      return [publishedKey(jwk, kid)];
    },
    async sign(textFor) {
      const { key, kid } = await opened();
      const text = textFor(kid);
      return { text, signature: sign("sha256", Buffer.from(text), key) };
    },
  };
}
