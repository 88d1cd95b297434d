import * as v from "valibot";
import { seconds, text } from "./common.ts";

const section = v.strictObject({
  /** Name or ARN of the DynamoDB table that holds the records. */
  table: text,
  /**
   * Seconds for which an instance of the function may decide by a record that it has read, 0 to 60. With 0 every
   * decision reads the table. The seconds delay every lockout, and the second flush of the caches waits for them too:
   * `SALLYPORT_ENTITLEMENTS_MAX_AGE` of `KeyEvents` must not be less. Default: 0.
   */
  maxCacheAge: v.optional(seconds(0, 60), 0),
  /**
   * What the roles and scopes of a record do. `add`: a caller has them beside those of its credential. `replace`: the
   * roles and scopes of the credential count for nothing, and a caller without a record is refused. API keys have
   * their own, which a record never changes. Default: `add`.
   */
  rights: v.optional(v.picklist(["add", "replace"]), "add"),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface EntitlementsSchema extends Section {}
export const entitlementsConfig: EntitlementsSchema = section;

export type EntitlementsConfig = v.InferOutput<typeof entitlementsConfig>;
