import { isInRanges } from "../address/address-range.ts";
import type { Denial } from "../reasons/reasons.ts";
import type { RequestSource } from "../request/authorization-request.ts";
import type { ResourceArn } from "../resource/arn.ts";
import { matchesPattern } from "../resource/pattern.ts";
import { isWithin } from "../time/interval.ts";
import type { Grant } from "./grant.ts";
import { climbs } from "./spellings.ts";

/** A request for a route, at one instant, from one place. */
export interface RouteRequest {
  readonly resource: ResourceArn;
  readonly source: RequestSource;
  readonly time: number;
}

/**
 * What the grants say of the request at hand: undefined if it is allowed, or why not. API Gateway decides by the
 * policy; this is the same decision for the log, for `context.reason`, and for responses that cannot carry a policy.
 *
 * @param addresses the CIDRs the whole policy is bound to; undefined if any
 * @param hasConditions whether the answer carries the conditions on addresses. Where it does not, an address that is
 * unknown is in no range that allows
 */
export function refusalOf(
  request: RouteRequest,
  grants: readonly Grant[],
  addresses: readonly string[] | undefined,
  hasConditions = true,
): Denial | undefined {
  const { address, vpcEndpoint } = request.source;
  const from = (ranges: readonly string[] | undefined, isUnknownIn = hasConditions) =>
    !ranges || (address === undefined ? isUnknownIn : isInRanges(address, ranges));
  // An event without the caller's address says nothing of an endpoint either.
  const through = (endpoints: readonly string[] | undefined, isUnknownThrough = hasConditions) =>
    !endpoints ||
    (vpcEndpoint === undefined ? address === undefined && isUnknownThrough : endpoints.includes(vpcEndpoint));
  const here = grants.filter((grant) => isOnRoute(grant, request) && isOpen(grant, request.time));
  const denies = ({ effect, addresses: own, vpcEndpoints }: Grant) =>
    effect === "deny" && from(own, true) && through(vpcEndpoints, true);
  if (here.some(denies)) return "route_denied";
  if (addresses?.length === 0 || !from(addresses)) return "address_not_allowed";
  const allowing = here.filter(({ effect }) => effect === "allow");
  if (allowing.length === 0 || climbs(request.resource.path)) return "route_not_granted";
  const reachable = allowing.filter((grant) => from(grant.addresses));
  if (reachable.length === 0) return "address_not_allowed";
  return reachable.some((grant) => through(grant.vpcEndpoints)) ? undefined : "vpc_endpoint_not_allowed";
}

/** Whether a grant is for the route of a request, at whatever time and from wherever. */
export function isOnRoute({ routes }: Grant, { resource }: RouteRequest): boolean {
  const path = resource.method + resource.path;
  return routes.some((route) => matchesPattern(route.method + route.path, path));
}

function isOpen({ intervals }: Grant, time: number): boolean {
  return !intervals || isWithin(intervals, time);
}
