import * as v from "valibot";
import { text } from "./common.ts";

const source = v.union(
  [
    v.strictObject({
      /** A KMS ciphertext in base64. The authorizer decrypts it with `kms:Decrypt`. */
      kms: v.pipe(v.string(), v.minLength(1), v.base64("base64 of a KMS ciphertext")),
      /** The encryption context that the ciphertext was made with. Default: none. */
      encryptionContext: v.optional(v.record(v.string(), v.string())),
    }),
    v.strictObject({
      /** Name or ARN of a Secrets Manager secret. */
      secretsManager: text,
      /** Name of one member of a secret that is a JSON object. Default: the whole text is the secret. */
      field: v.optional(text),
    }),
    v.strictObject({
      /** Name of an SSM parameter. A SecureString is decrypted. */
      ssm: text,
    }),
    v.strictObject({
      /**
       * Name of an environment variable. For development only: everyone with `lambda:GetFunctionConfiguration` can read
       * the variables of a function.
       */
      environment: text,
    }),
  ],
  "one of { kms }, { secretsManager }, { ssm }, { environment }: the place of the secret, never the secret",
);

type Source = typeof source;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface SecretSourceSchema extends Source {}

/**
 * The place of a secret. The configuration never holds a secret in clear text. The value is fetched when the first
 * credential needs it, and again after credentials that do not match it.
 *
 * @example { secretsManager: "sallyport/pepper" }
 */
export const secretSource: SecretSourceSchema = source;

export type SecretSource = v.InferOutput<typeof secretSource>;
