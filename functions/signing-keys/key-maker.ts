import { createPublicKey } from "node:crypto";
import {
  CreateKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  KMSInvalidStateException,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { calculateJwkThumbprint } from "jose";
import type { SigningKey } from "../federation/signing/key-document.ts";

/** Makes and ends keys that sign tokens. The private part never leaves it. */
export interface KeyMaker {
  create(): Promise<Omit<SigningKey, "publishedAt">>;
  /** Ends a key after a week, in which a mistake can be taken back. It may be called again. */
  end(kmsKey: string): Promise<void>;
}

/** Tag of the keys. The login may sign with keys that have it, and this function may end them. */
const TAG = "sallyport:stack";

/** Days until AWS KMS deletes a key: the shortest time that it allows. */
const PENDING_DAYS = 7;

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 3000;

/**
 * Keys of AWS KMS: RSA with 2048 bits, for signatures alone.
 *
 * @param name value of the tag: the stack that the keys belong to
 */
export function kmsKeyMaker(name: string): KeyMaker {
  const client = new KMSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: ATTEMPT, requestTimeout: ATTEMPT, throwOnRequestTimeout: true },
  });
  return {
    async create() {
      const created = await client.send(
        new CreateKeyCommand({
          ...{ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY", Description: `Signs tokens of ${name}` },
          Tags: [{ TagKey: TAG, TagValue: name }],
        }),
      );
      const kmsKey = created.KeyMetadata?.Arn;
      if (kmsKey === undefined) throw new Error("KMS answered without a key");
      try {
        const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: kmsKey }));
        if (!PublicKey) throw new Error("KMS answered without a public key");
        const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
        const { n = "", e = "" } = key.export({ format: "jwk" });
        const jwk = { kty: "RSA" as const, n, e };
        return { kid: await calculateJwkThumbprint(jwk), jwk, kmsKey };
      } catch (error) {
        // Nobody knows of the key: the next run makes another one.
        await end(kmsKey);
        throw error;
      }
    },
    end,
  };

  async function end(kmsKey: string): Promise<void> {
    try {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId: kmsKey, PendingWindowInDays: PENDING_DAYS }));
    } catch (error) {
      // It is ending already.
      if (!(error instanceof KMSInvalidStateException)) throw error;
    }
  }
}
