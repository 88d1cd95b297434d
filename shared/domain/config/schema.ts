import * as v from "valibot";
import { matchesPattern } from "../resource/pattern.ts";
import { apiKeysConfig } from "./api-keys.ts";
import { attributeName, eachOnce, text } from "./common.ts";
import { jwtConfig } from "./jwt.ts";
import { field, routeRule } from "./routes.ts";
import { isPlain, ruleOverlaps } from "./rule-overlap.ts";
import { samlConfig } from "./saml.ts";

/** A header's name, in lower case whatever it is written in. */
export const headerName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "a header name (RFC 9110 section 5.1)"),
  v.toLowerCase(),
);
const scheme = v.picklist(["bearer", "saml", "api-key"]);

/** Where credentials may stand besides `Authorization` (`Bearer`, `SAML`, `ApiKey`) and `X-Api-Key`. */
const credentials = v.strictObject({
  headers: v.optional(v.record(headerName, scheme), {}),
  /** Query parameters end up in access logs and browser histories: `config check` warns of each. */
  query: v.optional(v.record(text, scheme), {}),
  maxCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 4),
  /**
   * Headers that are identity sources of an authorizer with a cache, for a function whose environment does not say it in `SALLYPORT_CACHED_BY`. A credential elsewhere
   * would decide what the cache then answers to requests without it: such requests are refused. Absent: `authorization`. That there is no cache only the environment can say.
   */
  cachedBy: v.optional(v.pipe(v.array(headerName), v.minLength(1))),
});

/** How several principals become one caller. */
const merge = v.strictObject({
  /** `intersection`: a user's token together with a partner's key can do what both can. `union`: what either can. */
  scopes: v.optional(v.picklist(["intersection", "union"]), "intersection"),
  /** Two users are the same person if this says the same of both. Absent: two users are a conflict. */
  samePerson: v.optional(
    v.union(
      [v.strictObject({ subject: v.literal(true) }), v.strictObject({ attribute: attributeName })],
      "{ subject: true } or { attribute: NAME }",
    ),
  ),
});

const policy = v.strictObject({
  /** Whether an Allow holds for the caller's own address only. Off for callers that roam within a policy's life. */
  bindAddress: v.optional(v.boolean(), true),
  /**
   * Whether the policy denies explicitly what it does not allow. Without it a permissive resource policy, such as private APIs have,
   * lets an authenticated caller through to every route (authorization flow, table A).
   */
  explicitDeny: v.optional(v.boolean(), true),
  /** Whether the backend takes paths that differ in case alone for one path: IAM does not, and denials have to be written accordingly. */
  caseInsensitivePaths: v.optional(v.boolean(), false),
  /** Seconds a policy may hold for credentials that have no end of their own. */
  maxLifetime: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(86_400)), 3600),
});

const httpApi = v.strictObject({
  /**
   * HTTP APIs whose authorizer has simple responses enabled: all of them, or some by their ids. Such a response has no conditions: the cache must be
   * off, or its key hold the route and the caller's address.
   */
  simpleResponses: v.optional(
    v.union([v.boolean(), v.array(v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}$/)))], "true, or a list of API ids"),
    false,
  ),
});

const appSync = v.strictObject({
  /** Every field that not every caller may see: AppSync shows what is not denied. */
  fields: v.pipe(v.array(field), v.minLength(1)),
  /** Seconds for which AppSync may cache a decision at most, whatever is left of the credential. */
  maxCacheAge: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)), 300),
});

const sections = v.strictObject({
  /** For editors; `schema/sallyport.config.schema.json` is what it may name. */
  $schema: v.optional(v.string()),
  jwt: v.optional(jwtConfig),
  saml: v.optional(samlConfig),
  apiKeys: v.optional(apiKeysConfig),
  credentials: v.optional(credentials, {}),
  merge: v.optional(merge, {}),
  policy: v.optional(policy, {}),
  httpApi: v.optional(httpApi, {}),
  appSync: v.optional(appSync),
  routes: v.pipe(
    v.array(routeRule),
    v.minLength(1),
    eachOnce(({ name }) => name, "a name of its own for each rule"),
  ),
});

/** The configuration, whatever source it comes from. */
export const configSchema = v.pipe(
  sections,
  v.check(
    ({ jwt, saml, apiKeys }) => Boolean(jwt || saml || apiKeys),
    "at least one of `jwt`, `saml`, `apiKeys`: without a provider nobody can call",
  ),
  v.forward(
    v.check(
      ({ routes, appSync: { fields = [] } = {} }) =>
        routes.every((rule) =>
          (rule.fields ?? []).every((pattern) => fields.some((name) => matchesPattern(pattern, name))),
        ),
      "fields that `appSync.fields` lists: of others AppSync would not be told",
    ),
    ["routes"],
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || !dataset.value.policy.caseInsensitivePaths) return;
    for (const { denying, denied, allowing, allowed } of ruleOverlaps(dataset.value.routes, true)) {
      if (isPlain(denied) && denied === allowed) continue;
      addIssue({
        message: `with \`policy.caseInsensitivePaths\`, paths apart from one another: one of the denying rule "${denying.name}" meets one of "${allowing.name}", case aside, and IAM cannot deny a path in every case`,
        path: [{ type: "object", origin: "value", input: dataset.value, key: "routes", value: dataset.value.routes }],
      });
    }
  }),
);

/** The configuration as it is written: defaults may be left out. */
export type SallyportConfig = v.InferInput<typeof configSchema>;
/** The configuration as it is used: checked, with every default in place. */
export type Config = v.InferOutput<typeof configSchema>;
export type MergeConfig = Config["merge"];
export type PolicyConfig = Config["policy"];
export type CredentialsConfig = Config["credentials"];
