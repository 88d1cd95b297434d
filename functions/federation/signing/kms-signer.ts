import { createHash, createPublicKey, verify } from "node:crypto";
import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { RemoteValue } from "../../../shared/infrastructure/remote/remote-value.ts";
import type { KeyDocument, SigningKey } from "./key-document.ts";
import { type PublishedKey, publishedKey, type Signer } from "./signer.ts";

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 2000;

/**
 * Times of the document in the process, in milliseconds. A key is published hours before it signs, and after it has
 * signed, so that an old document does no harm.
 */
const DOCUMENT_TIMES = {
  timeout: 3000,
  maxAge: 60_000,
  staleIfError: 3_600_000,
  budget: { size: 3, refill: 10_000 },
} as const;

const isSignature = (text: string, signature: Uint8Array, { jwk }: SigningKey) =>
  verify("sha256", Buffer.from(text), createPublicKey({ key: { ...jwk }, format: "jwk" }), signature);

/**
 * Signs with keys of AWS KMS, so that no process has a private key. KMS gets the digest, and never the claims.
 *
 * @param read reads the document of the keys
 */
export function kmsSigner(read: (signal: AbortSignal) => Promise<KeyDocument>): Signer {
  const documents = new RemoteValue(read, DOCUMENT_TIMES, "secret_unavailable");
  const client = new KMSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: ATTEMPT, requestTimeout: ATTEMPT, throwOnRequestTimeout: true },
  });

  return {
    async published(): Promise<PublishedKey[]> {
      const { previous, current, next } = await documents.current();
      return [current, next, previous].flatMap((key) => (key ? [publishedKey(key.jwk, key.kid)] : []));
    },
    async sign(textFor) {
      const { current } = await documents.current();
      const text = textFor(current.kid);
      const command = new SignCommand({
        KeyId: current.kmsKey,
        Message: createHash("sha256").update(text).digest(),
        MessageType: "DIGEST",
        SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
      });
      const { Signature } = await client.send(command);
      // A code is used up for the token that comes of it: what nobody could verify must not come so far.
      if (!Signature || !isSignature(text, Signature, current)) throw new Error("KMS answered without a signature");
      return { text, signature: Signature };
    },
  };
}
