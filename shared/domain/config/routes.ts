import * as v from "valibot";
import { parseInstant } from "../time/instant.ts";
import { attributeName, cidr, identifier, oneOrMore, seconds, senderConstraint, text } from "./common.ts";
import { textPattern } from "./required-claims.ts";

export const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

const PLACEHOLDER = /\{(subject|client|tenant|attributes\.[A-Za-z][A-Za-z0-9_]{0,63})\}/;

/**
 * A path as the client sends it, without stage and query. `*` matches any characters, `/` included, as in IAM. A
 * segment may be a placeholder for a value of the caller: `{subject}`, `{client}`, `{tenant}`, `{attributes.NAME}`.
 */
const path = v.pipe(
  v.string(),
  v.startsWith("/", "a path that begins with '/'"),
  v.maxLength(400),
  v.check(
    (value) => /^[A-Za-z0-9/._~:@!,;=+*-]*$/.test(value.replaceAll(new RegExp(PLACEHOLDER, "g"), "")),
    "a path of unreserved characters, '*', and the placeholders {subject}, {client}, {tenant}, {attributes.NAME}",
  ),
  v.check(
    (value) => value.split("/").every((segment) => /^[^{]*$|^\{[^{}]*\}$/.test(segment) || !PLACEHOLDER.test(segment)),
    "placeholders that fill one whole segment each",
  ),
  v.check((value) => !/\/\/|\.\.|\/\.(?=\/|$)/.test(value), "a path in plain spelling, without `//`, `/./` and `..`"),
);

const instant = v.pipe(
  v.string(),
  v.check(
    (value) => parseInstant(value) !== undefined,
    "an ISO 8601 instant in whole seconds with its offset, such as 2027-01-31T08:00:00Z or 2027-01-31T08:00:00+01:00",
  ),
);
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;
const clock = v.pipe(v.string(), v.regex(CLOCK, "a time of day such as 08:00"));
/** The form of a name. Whether there is such a zone is checked apart (`time-zones.ts`). */
const timeZone = v.pipe(
  v.string(),
  v.maxLength(64),
  v.regex(/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/, "an IANA time zone such as Europe/Berlin"),
);

/** A field of a GraphQL API as AppSync names it. */
export const field = v.pipe(
  v.string(),
  v.regex(/^[_A-Za-z][_0-9A-Za-z]{0,127}\.[_A-Za-z][_0-9A-Za-z]{0,127}$/, "a type and a field such as Query.orders"),
);
const fieldPattern = v.pipe(
  v.string(),
  v.regex(/^[_A-Za-z][_0-9A-Za-z]{0,127}\.[_0-9A-Za-z*]{1,128}$/, "a type and a field such as Query.orders or Query.*"),
);

export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** Values of which the caller needs one, or all. */
const requirement = <T extends v.GenericSchema<string>>(item: T) =>
  v.union(
    [
      v.strictObject({
        /** The caller needs at least one of these. */
        anyOf: v.pipe(v.array(item), v.minLength(1)),
      }),
      v.strictObject({
        /** The caller needs all of these. */
        allOf: v.pipe(v.array(item), v.minLength(1)),
      }),
    ],
    "{ anyOf: […] } or { allOf: […] }",
  );

/** A stage of an API, as the ARN of a request names it. */
const stage = v.pipe(
  v.string(),
  v.regex(/^(\$default|[A-Za-z0-9_-]{1,128})$/, "the name of a stage, such as prod or $default"),
);

/** A VPC endpoint, as `requestContext.identity.vpceId` names it. */
const vpcEndpoint = v.pipe(
  v.string(),
  v.regex(/^vpce-[0-9a-f]{8,32}$/, "the id of a VPC endpoint, such as vpce-0123456789abcdef0"),
);

/** How a person has to have signed in. */
const authentication = v.pipe(
  v.strictObject({
    /**
     * Authentication contexts, one of which the credential must state: `acr` of a token, or the AuthnContextClassRef of
     * an assertion. Default: any.
     *
     * @example ["urn:example:mfa"]
     */
    contexts: v.optional(v.pipe(v.array(text), v.minLength(1))),
    /**
     * Authentication methods that the credential must state: `amr` of a token (RFC 8176). Default: any.
     *
     * @example { anyOf: ["mfa", "hwk"] }
     */
    methods: v.optional(requirement(text)),
    /**
     * Seconds since the person signed in, 1 to 31536000: `auth_time` of a token, or the AuthnInstant of an assertion.
     * The rule ends when it is reached. Only with an allowing rule. Default: any age.
     */
    maxAge: v.optional(seconds(1, 31_536_000)),
  }),
  v.check((value) => Object.values(value).some((each) => each !== undefined), "`contexts`, `methods` or `maxAge`"),
);

/** When a rule applies: once between two instants, or on certain days between two times of day. */
const timeWindow = v.union(
  [
    v.pipe(
      v.strictObject({
        /**
         * The window opens at this instant: ISO 8601 in whole seconds with an offset. Default: no start.
         *
         * @example "2027-01-31T08:00:00+01:00"
         */
        notBefore: v.optional(instant),
        /**
         * The window closes at this instant, which is no longer in it: ISO 8601 in whole seconds with an offset.
         * Default: no end.
         *
         * @example "2027-01-31T17:00:00Z"
         */
        notAfter: v.optional(instant),
      }),
      v.check(
        ({ notBefore, notAfter }) =>
          (notBefore ?? notAfter) !== undefined &&
          (notBefore === undefined ||
            notAfter === undefined ||
            (parseInstant(notBefore) ?? 0) < (parseInstant(notAfter) ?? 0)),
        "`notBefore`, `notAfter`, or both with the first before the second",
      ),
    ),
    v.pipe(
      v.strictObject({
        /**
         * Days of the week on which the window opens, `mon` to `sun`. Default: every day.
         *
         * @example ["mon", "tue"]
         */
        days: v.optional(v.pipe(v.array(v.picklist(DAYS)), v.minLength(1)), [...DAYS]),
        /**
         * Time of day at which the window opens.
         *
         * @example "08:00"
         */
        from: clock,
        /**
         * Time of day at which the window closes. It is later than `from` and at most `24:00`; a window over midnight
         * is two windows.
         *
         * @example "17:30"
         */
        until: clock,
        /**
         * IANA time zone of `days`, `from` and `until`. Default: `UTC`.
         *
         * @example "Europe/Berlin"
         */
        timeZone: v.optional(timeZone, "UTC"),
      }),
      // Two times in another form have been refused already.
      v.check(
        ({ from, until }) => !(CLOCK.test(from) && CLOCK.test(until)) || from < until,
        "`from` before `until`; a window over midnight is two windows",
      ),
    ),
  ],
  "{ notBefore, notAfter } or { days, from, until, timeZone }",
);

const routeSections = v.strictObject({
  /**
   * Unique name of the rule in logs, in `sallyport explain` and in error messages. A letter, then up to 63 letters,
   * digits, `_` or `-`.
   */
  name: identifier,
  /** Whether the rule allows or denies. A rule that denies wins. Default: `allow`. */
  effect: v.optional(v.picklist(["allow", "deny"]), "allow"),
  /** HTTP methods of the routes of REST and HTTP APIs, or `"ANY"`. Always together with `paths`. */
  methods: v.optional(
    v.union([v.literal("ANY"), v.pipe(v.array(v.picklist(METHODS)), v.minLength(1))], '"ANY", or a list of methods'),
  ),
  /**
   * Paths of the routes, without the stage. `*` matches any characters, `/` included. A segment `{subject}`,
   * `{client}`, `{tenant}` or `{attributes.NAME}` stands for that value of the caller.
   *
   * @example ["/orders", "/tenants/{tenant}/*"]
   */
  paths: v.optional(v.pipe(v.array(path), v.minLength(1))),
  /**
   * `true`: paths that match a wildcard of this rule may contain percent-encoded characters even where a denying rule
   * overlaps. A caller can then avoid the denial by encoding one of its letters. Default: such paths are denied.
   */
  encodedPaths: v.optional(v.literal(true)),
  /** `true`: the rule is for connecting to a WebSocket API. */
  webSocket: v.optional(v.literal(true)),
  /**
   * Fields of an AppSync API. Each must be in `appSync.fields`. `*` matches any characters.
   *
   * @example ["Query.orders", "Mutation.*"]
   */
  fields: v.optional(v.pipe(v.array(fieldPattern), v.minLength(1))),
  /**
   * Providers that must have verified a credential of the caller: `jwt`, `saml`, `api-key`, or one of your own.
   * Default: any.
   *
   * @example { allOf: ["api-key", "jwt"] }
   */
  credentials: v.optional(requirement(identifier)),
  /** Scopes that the caller needs. Default: none. */
  scopes: v.optional(requirement(text)),
  /** Roles that the caller needs. Default: none. */
  roles: v.optional(requirement(text)),
  /** Tenants to which the rule applies. The caller belongs to one of them. Default: any. */
  tenants: v.optional(v.pipe(v.array(text), v.minLength(1))),
  /** Issuers to which the rule applies: an `iss`, an entity ID, or `api-keys:<environment>`. Default: any. */
  issuers: v.optional(v.pipe(v.array(text), v.minLength(1))),
  /** Whether the rule applies to users or to clients. Default: both. */
  kind: v.optional(v.picklist(["user", "client"])),
  /**
   * Allows only callers with a credential that is bound to a key of theirs, and who proved to have it: `mtls` by a
   * client certificate (RFC 8705), `dpop` by a DPoP proof (RFC 9449), `any` by either. Default: also callers with
   * credentials that are not bound.
   *
   * @example "any"
   */
  senderConstrained: v.optional(senderConstraint),
  /**
   * Attributes that the caller must have: name in the context → a pattern, or a list of patterns one of which its value
   * must match. `*` stands for any characters but `/` and `:`. Default: any.
   *
   * @example { plan: "gold-*" }
   */
  attributes: v.optional(
    v.pipe(
      v.record(attributeName, oneOrMore(textPattern)),
      v.check((value) => Object.keys(value).length > 0, "one attribute or more"),
    ),
  ),
  /**
   * How the caller must have signed in: authentication context, methods and age. Default: in any way.
   *
   * @example { methods: { anyOf: ["mfa"] }, maxAge: 900 }
   */
  authentication: v.optional(authentication),
  /**
   * Stages of REST, HTTP and WebSocket APIs to which the rule applies. Default: all.
   *
   * @example ["prod"]
   */
  stages: v.optional(v.pipe(v.array(stage), v.minLength(1))),
  /**
   * VPC endpoints through which the rule applies, for private REST APIs. Default: any, and none.
   *
   * @example ["vpce-0123456789abcdef0"]
   */
  vpcEndpoints: v.optional(v.pipe(v.array(vpcEndpoint), v.minLength(1))),
  /**
   * IPv4 or IPv6 addresses and CIDR ranges from which the rule applies. Default: any.
   *
   * @example ["192.0.2.0/24", "2001:db8::/32"]
   */
  addresses: v.optional(v.pipe(v.array(cidr), v.minLength(1))),
  /** When the rule applies. At least one window must be open. Default: always. */
  windows: v.optional(v.pipe(v.array(timeWindow), v.minLength(1))),
});

const rule = v.pipe(
  routeSections,
  v.check(
    ({ methods, paths, webSocket, fields }) =>
      (methods === undefined) === (paths === undefined) && Boolean(paths || webSocket || fields),
    "at least one of `methods` with `paths`, `webSocket`, `fields`",
  ),
  v.forward(
    v.check(
      ({ effect, senderConstrained }) => senderConstrained === undefined || effect === "allow",
      "`senderConstrained` with an allowing rule",
    ),
    ["senderConstrained"],
  ),
  v.forward(
    v.check(
      ({ effect, authentication: { maxAge } = {} }) => maxAge === undefined || effect === "allow",
      "`authentication.maxAge` with an allowing rule",
    ),
    ["authentication", "maxAge"],
  ),
  v.forward(
    v.check(({ fields, stages }) => !fields || !stages, "`stages` without `fields`: an AppSync API has no stages"),
    ["stages"],
  ),
  v.forward(
    v.check(({ effect, encodedPaths }) => !encodedPaths || effect === "allow", "`encodedPaths` with an allowing rule"),
    ["encodedPaths"],
  ),
);

type Rule = typeof rule;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface RouteRuleSchema extends Rule {}
export const routeRule: RouteRuleSchema = rule;

export type RouteRule = v.InferOutput<typeof routeRule>;
export type TimeWindow = v.InferOutput<typeof timeWindow>;
