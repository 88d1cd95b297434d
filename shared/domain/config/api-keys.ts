import * as v from "valibot";
import { eachOnce, text } from "./common.ts";
import { secretSource } from "./secret.ts";

const label = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9]{1,15}$/, "2 to 16 lower-case letters and digits, a letter first"),
);

const section = v.strictObject({
  /**
   * First part of every key. Users and secret scanners recognise a key by it. 2 to 16 lower-case letters and digits.
   * Default: `sp`.
   */
  prefix: v.optional(label, "sp"),
  /**
   * Second part of every key. A key of another environment is refused before the table is read. 2 to 16 lower-case
   * letters and digits. Default: `live`.
   */
  environment: v.optional(label, "live"),
  /** Name or ARN of the DynamoDB table that holds the key records. */
  table: text,
  /**
   * HMAC keys for the hashes in the table. The first one hashes new keys. Keep each of the others until no key that was
   * issued with it is in use.
   *
   * @example [{ id: "p1", secret: { secretsManager: "sallyport/pepper" } }]
   */
  peppers: v.pipe(
    v.array(
      v.strictObject({
        /** Name of the pepper in the key records. 2 to 16 lower-case letters and digits. */
        id: label,
        /** The place of the secret. It has at least 16 bytes. */
        secret: secretSource,
      }),
    ),
    v.minLength(1),
    eachOnce("id", "each pepper id once"),
  ),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface ApiKeysSchema extends Section {}
export const apiKeysConfig: ApiKeysSchema = section;

export type ApiKeysConfig = v.InferOutput<typeof apiKeysConfig>;
