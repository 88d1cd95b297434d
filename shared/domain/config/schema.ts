import * as v from "valibot";
import { matchesPattern } from "../resource/pattern.ts";
import { apiKeysConfig } from "./api-keys.ts";
import { attributeName, eachOnce, text } from "./common.ts";
import { dpopConfig } from "./dpop.ts";
import { entitlementsConfig } from "./entitlements.ts";
import type { FederationSchema } from "./federation.ts";
import { claimsStart } from "./introspection.ts";
import { jwtConfig } from "./jwt.ts";
import { late } from "./late.ts";
import type { ProtectedResourcesSchema } from "./protected-resources.ts";
import { field, routeRule } from "./routes.ts";
import { isPlain, ruleOverlaps } from "./rule-overlap.ts";
import { samlConfig } from "./saml.ts";

/** The name of a header. The output is in lower case. */
export const headerName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "a header name (RFC 9110 section 5.1)"),
  v.toLowerCase(),
);
const scheme = v.picklist(["bearer", "saml", "api-key"]);

const credentials = v.strictObject({
  /**
   * More headers with credentials: name → scheme of a value that names no scheme. Default: none.
   *
   * @example { "x-partner-key": "api-key" }
   */
  headers: v.optional(v.record(headerName, scheme), {}),
  /**
   * Query parameters with credentials: name → scheme of a value that names no scheme. Query strings are written to
   * access logs and browser histories, so `config check` warns of each. Default: none.
   *
   * @example { access_token: "bearer" }
   */
  query: v.optional(v.record(text, scheme), {}),
  /** Maximum number of credentials in one request, 1 to 8. Default: 4. */
  maxCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 4),
  /**
   * Headers that are identity sources of an authorizer with a cache, if the environment variable
   * `SALLYPORT_CACHED_BY` is not set. A request with a credential in another place is refused: the cache would give
   * its answer to requests without that credential. Only `SALLYPORT_CACHED_BY` can say that there is no cache.
   * Default: `authorization`.
   */
  cachedBy: v.optional(v.pipe(v.array(headerName), v.minLength(1))),
});

const merge = v.strictObject({
  /**
   * Scopes of a caller with a user's and a client's credential. `intersection`: the scopes that both have. `union`: the
   * scopes of either. Default: `intersection`.
   */
  scopes: v.optional(v.picklist(["intersection", "union"]), "intersection"),
  /**
   * When two users in one request are the same person. Default: never; two users are refused as a conflict.
   *
   * @example { attribute: "email" }
   */
  samePerson: v.optional(
    v.union(
      [
        v.strictObject({
          /** `true`: they are the same person if they have the same subject. */
          subject: v.literal(true),
        }),
        v.strictObject({
          /** They are the same person if this attribute has the same string value for both. */
          attribute: attributeName,
        }),
      ],
      "{ subject: true } or { attribute: NAME }",
    ),
  ),
});

const policy = v.strictObject({
  /**
   * Whether a policy allows requests from the caller's current IP address only. `false` is for callers whose address
   * changes while a policy is cached. Default: `true`.
   */
  bindAddress: v.optional(v.boolean(), true),
  /**
   * Whether the policy explicitly denies what it does not allow. With `false`, a resource policy that allows every
   * request opens every route to every authenticated caller (API Gateway developer guide, "How API Gateway resource
   * policies affect authorization workflow", table A). Default: `true`.
   */
  explicitDeny: v.optional(v.boolean(), true),
  /**
   * Whether the backend ignores the case of letters in paths. IAM does not. With `true`, a denying rule may not
   * overlap an allowing rule when case is ignored, because IAM cannot deny every spelling. Default: `false`.
   */
  caseInsensitivePaths: v.optional(v.boolean(), false),
  /** Maximum lifetime in seconds of a policy for credentials that do not expire, 60 to 86400. Default: 3600. */
  maxLifetime: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(86_400)), 3600),
});

const log = v.strictObject({
  /**
   * Share of the allowed requests that get a line in the log, 0 to 1: with `0.01` one in a hundred, chosen at random.
   * Every other outcome gets a line, and so does an allowed request with a warning. Metrics count every decision.
   * Default: 1.
   *
   * @example 0.01
   */
  allowed: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
});

const httpApi = v.strictObject({
  /**
   * HTTP APIs whose authorizer has simple responses enabled: `true` for all, or a list of API IDs. A simple response
   * has no conditions: the cache must be off, or its key must contain the route and the caller's address. Default:
   * `false`.
   *
   * @example ["a1b2c3d4e5"]
   */
  simpleResponses: v.optional(
    v.union([v.boolean(), v.array(v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}$/)))], "true, or a list of API ids"),
    false,
  ),
});

const appSync = v.strictObject({
  /**
   * Every field that is not open to all callers. AppSync shows every field that the authorizer does not deny, and the
   * authorizer denies only fields in this list.
   *
   * @example ["Query.orders", "Mutation.cancelOrder"]
   */
  fields: v.pipe(v.array(field), v.minLength(1)),
  /**
   * Maximum time in seconds for which AppSync caches a decision, 0 to 3600. It is shorter if the credential expires
   * earlier. Default: 300.
   */
  maxCacheAge: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)), 300),
});

const sections = v.strictObject({
  /** Path or URL of the JSON Schema, for editors: `schema/sallyport.config.schema.json`. It has no effect. */
  $schema: v.optional(v.string()),
  /** Provider `jwt`: JSON Web Tokens (RFC 7519). Default: JWTs are not accepted. */
  jwt: v.optional(jwtConfig),
  /** Provider `saml`: SAML 2.0 assertions. Default: assertions are not accepted. */
  saml: v.optional(samlConfig),
  /** Provider `api-key`: API keys in a DynamoDB table. Default: API keys are not accepted. */
  apiKeys: v.optional(apiKeysConfig),
  /** DPoP (RFC 9449): tokens that only the holder of a key can use. Default: tokens bound to a DPoP key are refused. */
  dpop: v.optional(dpopConfig),
  /**
   * Roles, scopes and a tenant of callers in a DynamoDB table, and who is locked out. Default: every verified caller has
   * what its credential says.
   *
   * @example { table: "sallyport-entitlements" }
   */
  entitlements: v.optional(entitlementsConfig),
  /** Where a request carries credentials, besides `Authorization` (`Bearer`, `DPoP`, `SAML`, `ApiKey`) and `X-Api-Key`. */
  credentials: v.optional(credentials, {}),
  /**
   * The login of `functions/federation`: people of `saml.identityProviders` with `login` get tokens. The authorizer does
   * not use it. Default: there is no login.
   */
  federation: v.optional(late<FederationSchema>("federation")),
  /** How several credentials of one request become one caller. */
  merge: v.optional(merge, {}),
  /** Settings for the IAM policies of REST, HTTP and WebSocket APIs. */
  policy: v.optional(policy, {}),
  /** What is logged. */
  log: v.optional(log, {}),
  /** Settings for HTTP APIs. */
  httpApi: v.optional(httpApi, {}),
  /** Settings for AppSync APIs. Default: requests of AppSync are not served. */
  appSync: v.optional(appSync),
  /**
   * Metadata by which clients such as agents find out where to get a token (RFC 9728), for the function
   * `resource-metadata`. The authorizer does not look at them. Default: none.
   */
  protectedResources: v.optional(late<ProtectedResourcesSchema>("protectedResources")),
  /**
   * The rules. A request is allowed if at least one rule that applies to the caller allows it and none denies it.
   *
   * @example [{ name: "orders", methods: ["GET"], paths: ["/orders"], scopes: { anyOf: ["orders:read"] } }]
   */
  routes: v.pipe(v.array(routeRule), v.minLength(1), eachOnce("name", "a name of its own for each rule")),
});

/** Schema of the configuration, for every source of it. */
export const configSchema = v.pipe(
  sections,
  v.forward(
    v.check(
      ({ routes, appSync: { fields = [] } = {} }) =>
        routes.every((rule) =>
          (rule.fields ?? []).every((pattern) => fields.some((name) => matchesPattern(pattern, name))),
        ),
      "only fields in `appSync.fields`: the authorizer denies no other field",
    ),
    ["routes"],
  ),
  v.forward(
    v.check(
      ({ dpop, jwt }) =>
        dpop !== undefined || !jwt?.issuers.some(({ senderConstrained }) => senderConstrained === "dpop"),
      'origins and replayTable, where an issuer has `senderConstrained: "dpop"`',
    ),
    ["dpop"],
  ),
  v.forward(
    v.check(
      ({ jwt, apiKeys }) => !apiKeys || !(jwt?.issuers ?? []).some((entry) => claimsStart(entry, `${apiKeys.prefix}_`)),
      "a prefix that no opaque token has (`introspection.tokens`)",
    ),
    ["apiKeys", "prefix"],
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || !dataset.value.policy.caseInsensitivePaths) return;
    for (const { denying, denied, allowing, allowed } of ruleOverlaps(dataset.value.routes, true)) {
      if (isPlain(denied) && denied === allowed) continue;
      addIssue({
        message: `paths that do not overlap when case is ignored (\`policy.caseInsensitivePaths\`): the denying rule "${denying.name}" overlaps "${allowing.name}", and IAM cannot deny every spelling`,
        path: [{ type: "object", origin: "value", input: dataset.value, key: "routes", value: dataset.value.routes }],
      });
    }
  }),
);

/** The configuration as its author writes it. Options with a default may be left out. */
export type SallyportConfig = v.InferInput<typeof configSchema>;
/** The configuration after it was checked, with all defaults. */
export type Config = v.InferOutput<typeof configSchema>;
export type MergeConfig = Config["merge"];
export type PolicyConfig = Config["policy"];
export type LogConfig = Config["log"];
export type CredentialsConfig = Config["credentials"];
