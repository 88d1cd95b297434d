import { createPublicKey } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  KMSInvalidStateException,
  KMSServiceException,
  NotFoundException,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { calculateJwkThumbprint } from "jose";
import type { SigningKey } from "../federation/signing/key-document.ts";

/** Makes and ends keys that sign tokens. The private part never leaves AWS KMS. */
export interface KeyMaker {
  /** Makes a key. @returns its ARN */
  create(): Promise<string>;
  /** The public part of a key. */
  read(kmsKey: string): Promise<Omit<SigningKey, "publishedAt">>;
  /** Whether a key is enabled: not switched off, ending, or gone. */
  canSign(kmsKey: string): Promise<boolean>;
  /** Ends a key after a week, in which a mistake can be taken back. It may be called again. */
  end(kmsKey: string): Promise<void>;
}

/** Tag of the keys. The login may sign with keys that have it, and this function may end them. */
const TAG = "sallyport:stack";

/** Days until AWS KMS deletes a key: the shortest time that it allows. */
const PENDING_DAYS = 7;

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 3000;

/** Milliseconds before another question about a new key: AWS may count its tag, by which we may ask, minutes later. */
const PAUSES = [1000, 2000, 4000, 6000];

/**
 * Keys of AWS KMS: RSA with 2048 bits, for signatures alone.
 *
 * @param name value of the tag: the stack that the keys belong to
 */
export function kmsKeyMaker(name: string, pauses: readonly number[] = PAUSES): KeyMaker {
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
      return kmsKey;
    },
    async read(kmsKey) {
      const { PublicKey } = await askedAgain(() => client.send(new GetPublicKeyCommand({ KeyId: kmsKey })));
      if (!PublicKey) throw new Error("KMS answered without a public key");
      const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
      const { n = "", e = "" } = key.export({ format: "jwk" });
      const jwk = { kty: "RSA" as const, n, e };
      return { kid: await calculateJwkThumbprint(jwk), jwk, kmsKey };
    },
    async canSign(kmsKey) {
      try {
        const { KeyMetadata } = await askedAgain(() => client.send(new DescribeKeyCommand({ KeyId: kmsKey })));
        if (!KeyMetadata?.KeyState) throw new Error("KMS answered without a state");
        return KeyMetadata.KeyState === "Enabled";
      } catch (error) {
        if (error instanceof NotFoundException) return false;
        throw error;
      }
    },
    end,
  };

  async function askedAgain<Output>(ask: () => Promise<Output>): Promise<Output> {
    for (const pause of pauses) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof KMSServiceException) || error.name !== "AccessDeniedException") throw error;
        await setTimeout(pause);
      }
    }
    return ask();
  }

  async function end(kmsKey: string): Promise<void> {
    try {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId: kmsKey, PendingWindowInDays: PENDING_DAYS }));
    } catch (error) {
      // It is ending already, or gone.
      if (!(error instanceof KMSInvalidStateException || error instanceof NotFoundException)) throw error;
    }
  }
}
