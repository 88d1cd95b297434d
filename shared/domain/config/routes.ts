import * as v from "valibot";
import { parseInstant } from "../time/instant.ts";
import { cidr, identifier, requirement, text } from "./common.ts";

export const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

const PLACEHOLDER = /\{(subject|client|tenant|attributes\.[A-Za-z][A-Za-z0-9_]{0,63})\}/;

/**
 * A path as the client sends it, without stage and query. `*` stands for anything, `/` included, as in IAM. A segment that is a
 * placeholder is filled from the caller: `{subject}`, `{client}`, `{tenant}`, `{attributes.NAME}`.
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
  v.check(
    (value) => !/\/\/|\.\.|\/\.(?=\/|$)/.test(value),
    "a path in plain spelling: without `//`, `/./` and `..`, which no request is allowed or denied by",
  ),
);

const instant = v.pipe(
  v.string(),
  v.check(
    (value) => parseInstant(value) !== undefined,
    "an ISO 8601 instant in whole seconds with its offset, such as 2027-01-31T08:00:00Z or 2027-01-31T08:00:00+01:00",
  ),
);
const clock = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time of day such as 08:00"));
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

/** When a rule applies: once, from an instant until another, or again on some days between two times of day. */
const timeWindow = v.union(
  [
    v.pipe(
      v.strictObject({ notBefore: v.optional(instant), notAfter: v.optional(instant) }),
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
        days: v.optional(v.pipe(v.array(v.picklist(DAYS)), v.minLength(1)), [...DAYS]),
        from: clock,
        until: clock,
        timeZone: v.optional(timeZone, "UTC"),
      }),
      v.check(({ from, until }) => from < until, "`from` before `until`; a window over midnight is two windows"),
    ),
  ],
  "{ notBefore, notAfter } or { days, from, until, timeZone }",
);

const routeSections = v.strictObject({
  /** Name in logs, in `explain` and in mistakes. */
  name: identifier,
  effect: v.optional(v.picklist(["allow", "deny"]), "allow"),
  /** With `paths`: routes of REST and HTTP APIs. */
  methods: v.optional(
    v.union([v.literal("ANY"), v.pipe(v.array(v.picklist(METHODS)), v.minLength(1))], '"ANY", or a list of methods'),
  ),
  paths: v.optional(v.pipe(v.array(path), v.minLength(1))),
  /**
   * Whether paths under this rule's wildcards may be percent-encoded where a denying rule overlaps them. The denial can then be walked
   * around by encoding one of its letters.
   */
  encodedPaths: v.optional(v.literal(true)),
  /** The right to connect to a WebSocket API. */
  webSocket: v.optional(v.literal(true)),
  /** Fields of an AppSync API, out of those in `appSync.fields`. */
  fields: v.optional(v.pipe(v.array(fieldPattern), v.minLength(1))),
  /** Providers that must have proved the caller: one of a set, or all of it ("a partner's key and a user's token"). */
  credentials: v.optional(requirement(identifier)),
  scopes: v.optional(requirement(text)),
  roles: v.optional(requirement(text)),
  tenants: v.optional(v.pipe(v.array(text), v.minLength(1))),
  issuers: v.optional(v.pipe(v.array(text), v.minLength(1))),
  kind: v.optional(v.picklist(["user", "client"])),
  addresses: v.optional(v.pipe(v.array(cidr), v.minLength(1))),
  windows: v.optional(v.pipe(v.array(timeWindow), v.minLength(1))),
});

export const routeRule = v.pipe(
  routeSections,
  v.check(
    ({ methods, paths, webSocket, fields }) =>
      (methods === undefined) === (paths === undefined) && Boolean(paths || webSocket || fields),
    "`methods` with `paths`, `webSocket`, `fields`, or several of them: something that the rule is for",
  ),
  v.check(({ effect, encodedPaths }) => !encodedPaths || effect === "allow", "`encodedPaths` with an allowing rule"),
);

export type RouteRule = v.InferOutput<typeof routeRule>;
export type TimeWindow = v.InferOutput<typeof timeWindow>;
