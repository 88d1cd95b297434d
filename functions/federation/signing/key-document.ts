import * as v from "valibot";

const text = v.pipe(v.string(), v.minLength(1));
const seconds = v.pipe(v.number(), v.safeInteger());

const signingKey = v.object({
  /** `kid` of the tokens: the thumbprint of the public key (RFC 7638). */
  kid: text,
  /** The public key (RFC 7517). */
  jwk: v.object({ kty: v.literal("RSA"), n: text, e: text }),
  /** ARN of the key in KMS. */
  kmsKey: text,
  /** Seconds since the epoch. From then on verifiers could know it. */
  publishedAt: seconds,
});

/** The keys that sign tokens, as the table has them. The scheduled function writes them; the login reads them. */
export const keyDocument = v.object({
  /** Counts the changes. */
  version: seconds,
  /** Seconds since the epoch: when the current key began to sign. */
  currentSince: seconds,
  current: signingKey,
  /** Signs after the next rotation. */
  next: v.optional(signingKey),
  /** Signed before the last rotation: its tokens may still be valid. */
  previous: v.optional(signingKey),
});

export type SigningKey = v.InferOutput<typeof signingKey>;
export type KeyDocument = v.InferOutput<typeof keyDocument>;

/** Partition key of the document in the table of the login. */
export const KEY_DOCUMENT = "SIGNING-KEYS";
