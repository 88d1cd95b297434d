import type { CacheSettings } from "../../../shared/domain/config/cache.ts";
import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { CacheKey } from "../../../shared/domain/request/cache-key.ts";
import type { ResourceArn } from "../../../shared/domain/resource/arn.ts";
import { headersOf, queryOf, repeatedHeaders } from "./event-values.ts";

/**
 * The key of the cache for an event that does not tell identity sources: what the function says alone. Undefined:
 * nothing is cached.
 */
export function cacheKeyOf(event: UnknownObject, settings: CacheSettings): CacheKey | undefined {
  const { cachedBy, ttl, certificate } = settings;
  if (!cachedBy) return undefined;
  const repeated = repeatedHeaders(event, cachedBy);
  return { headers: cachedBy, repeated, ...(ttl !== undefined && { ttl }), ...(certificate && { certificate }) };
}

/**
 * The same for an HTTP API, whose events list the values of the identity sources (developer guide, "Control access to
 * HTTP APIs with Lambda authorizers"). Without identity sources API Gateway caches nothing, whatever the function
 * says; with them it may, even where the function says that it does not.
 *
 * @throws {TroubleError} `event_not_supported` for a list that is damaged
 */
export function httpCacheKeyOf(
  event: UnknownObject,
  resource: ResourceArn,
  settings: CacheSettings,
): CacheKey | undefined {
  const values = identityValues(event.identitySource);
  if (values?.length === 0) return undefined;
  const said = cacheKeyOf(event, settings);
  if (values === undefined) return said;
  return { ...said, values, ...(typeof values !== "string" && isExact(values, event, resource) && { isExact: true }) };
}

/**
 * A list, a text in which the values are joined (payload format 1.0), or undefined for an event that tells nothing.
 * An empty list: there are no identity sources.
 */
function identityValues(given: unknown): readonly string[] | string | undefined {
  if (given === null) return [];
  // Joined, no value and an empty value look the same: such a text tells nothing.
  if (given === undefined || given === "") return undefined;
  if (typeof given === "string") return given;
  if (Array.isArray(given) && given.every((value) => typeof value === "string")) return given;
  throw new TroubleError("event_not_supported");
}

/**
 * Whether the key holds the caller's address, and the method and the path of the request. The event lists values
 * without their names: one that the caller also sends in a header or the query may stand there for that, and is not
 * counted. A route's key names both where the route has neither parameters nor `ANY`; otherwise `$context.httpMethod`
 * and `$context.path` must be identity sources.
 */
function isExact(values: readonly string[], event: UnknownObject, { method, path }: ResourceArn) {
  const { requestContext, routeKey } = event;
  const http = objectOf(objectOf(requestContext).http);
  // X-Forwarded-For is no such header: whatever the caller writes there, API Gateway puts the caller's address behind
  // it.
  const headers = [...headersOf(event)].flatMap(([name, lines]) => (name === "x-forwarded-for" ? [] : lines));
  const sent = new Set([...headers, ...[...queryOf(event).values()].flat()]);
  const holds = (value: unknown) => typeof value === "string" && values.includes(value) && !sent.has(value);
  const namesMethod = holds(routeKey) && String(routeKey).startsWith(`${method} `);
  const namesPath = holds(routeKey) && routeKey === `${method} ${path}`;
  return holds(http.sourceIp) && (namesMethod || holds(http.method)) && (namesPath || holds(http.path));
}
