import * as v from "valibot";
import { eachOnce, text } from "./common.ts";
import { secretSource } from "./secret.ts";

const label = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9]{1,15}$/, "2 to 16 lower-case letters and digits, a letter first"),
);

export const apiKeysConfig = v.strictObject({
  /** First part of every key, by which users and secret scanners know it. */
  prefix: v.optional(label, "sp"),
  /** Second part: keys of another environment are refused without a database read. */
  environment: v.optional(label, "live"),
  /** Name or ARN of the DynamoDB table. */
  table: text,
  /**
   * Keys of the HMAC under which secrets are stored. The first signs new keys; a key names the one it was issued under, so that the
   * others stay for as long as such keys live.
   */
  peppers: v.pipe(
    v.array(v.strictObject({ id: label, secret: secretSource })),
    v.minLength(1),
    eachOnce(({ id }) => id, "each pepper id once"),
  ),
});

export type ApiKeysConfig = v.InferOutput<typeof apiKeysConfig>;
