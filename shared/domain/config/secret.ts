import * as v from "valibot";
import { text } from "./common.ts";

/**
 * Where a secret is held. The configuration itself never holds one in the clear: it names the place, and the value is
 * fetched at the first credential that needs it, once per process.
 */
export const secretSource = v.union(
  [
    /** Base64 of a KMS ciphertext, opened by `kms:Decrypt` with this encryption context. */
    v.strictObject({
      kms: v.pipe(v.string(), v.minLength(1), v.base64("base64 of a KMS ciphertext")),
      encryptionContext: v.optional(v.record(v.string(), v.string())),
    }),
    /** Name or ARN of a Secrets Manager secret; `field` picks one member of a JSON secret. */
    v.strictObject({ secretsManager: text, field: v.optional(text) }),
    /** Name of an SSM parameter, read with decryption. */
    v.strictObject({ ssm: text }),
    /** Name of an environment variable: for development; a Lambda's variables are readable by anyone who may describe it. */
    v.strictObject({ environment: text }),
  ],
  "one of { kms }, { secretsManager }, { ssm }, { environment }: the place of the secret, never the secret",
);

export type SecretSource = v.InferOutput<typeof secretSource>;
