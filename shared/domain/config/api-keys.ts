import * as v from "valibot";
import { isName } from "../principal/name.ts";
import { eachOnce, text } from "./common.ts";
import { secretSource } from "./secret.ts";

const name = v.pipe(
  v.string(),
  v.check((value) => isName(value), "text of 1 to 256 characters without control characters"),
);

const label = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9]{1,15}$/, "2 to 16 lower-case letters and digits, a letter first"),
);

const usagePlan = v.pipe(
  v.strictObject({
    /** Owner whose keys the plan is for. Either `owner` or `tenant`. */
    owner: v.optional(name),
    /** Tenant whose keys the plan is for. Either `owner` or `tenant`. */
    tenant: v.optional(name),
    /** ID of the usage plan in API Gateway. */
    plan: v.pipe(v.string(), v.regex(/^[a-z0-9]{1,64}$/, "the id of a usage plan, such as a1b2c3")),
  }),
  v.check(({ owner, tenant }) => (owner === undefined) !== (tenant === undefined), "either owner or tenant"),
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
  /**
   * Usage plans of API Gateway by owner or tenant. Each owner and each tenant has one API Gateway key, which the records
   * of all its keys name; the first entry that applies to a key counts. At most 10000 entries. `usage sync` creates the
   * API Gateway keys. Default: none.
   *
   * @example [{ tenant: "acme", plan: "a1b2c3" }, { owner: "labs", plan: "d4e5f6" }]
   */
  usagePlans: v.optional(
    v.pipe(
      v.array(usagePlan),
      v.maxLength(10_000, "at most 10000 entries: an account has that many API Gateway keys"),
      v.check(
        (entries) =>
          new Set(entries.map(({ owner, tenant }) => JSON.stringify([owner, tenant]))).size === entries.length,
        "each owner and each tenant once",
      ),
    ),
  ),
});

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface ApiKeysSchema extends Section {}
export const apiKeysConfig: ApiKeysSchema = section;

export type ApiKeysConfig = v.InferOutput<typeof apiKeysConfig>;
