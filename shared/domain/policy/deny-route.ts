import { isInRanges } from "../address/address-range.ts";
import { type ResourceArn, resourceOnStage } from "../resource/arn.ts";
import { isWithin } from "../time/interval.ts";
import { statement } from "./compile.ts";
import { addressKeysOf, type Limits } from "./condition.ts";
import { isOnRoute, type RouteRequest } from "./covers-request.ts";
import { MAX_RESOURCE_LENGTH, type PolicyDocument } from "./document.ts";
import type { Grant } from "./grant.ts";

/**
 * The policy with an explicit denial of the route at hand, for a refusal that a policy without explicit denials
 * leaves unsaid. It ends when a window opens that allows the route, and does not hold for addresses and VPC endpoints
 * from which it is allowed: the cache may serve it then and there.
 *
 * @param addresses the CIDRs that the policy is bound to; undefined if any
 */
export function denyRoute(
  policy: PolicyDocument,
  request: RouteRequest,
  grants: readonly Grant[],
  addresses?: readonly string[],
): PolicyDocument {
  const { resource, source, time } = request;
  const allowing = grants.filter((grant) => grant.effect === "allow" && isOnRoute(grant, request));
  const openings = allowing
    .flatMap(({ intervals = [] }) => intervals.map(({ start }) => start))
    .filter((start) => start > time);
  const open = allowing.filter(({ intervals }) => !intervals || isWithin(intervals, time));
  const isElsewhere = addresses && source.address !== undefined && !isInRanges(source.address, addresses);
  // A grant is kept out by the addresses that it fails by, or else by its endpoints.
  const fails = (own: readonly string[]) => source.address === undefined || !isInRanges(source.address, own);
  const byAddress = open.filter(({ addresses: own, vpcEndpoints }) => own && (fails(own) || !vpcEndpoints));
  const byEndpoint = open.filter((grant) => grant.vpcEndpoints && !byAddress.includes(grant));
  const elsewhere = isElsewhere ? addresses : [...new Set(byAddress.flatMap(({ addresses: own = [] }) => own))];
  const otherThan = isElsewhere ? [] : [...new Set(byEndpoint.flatMap(({ vpcEndpoints = [] }) => vpcEndpoints))];
  const limits: Limits = {
    ...(openings.length > 0 && { end: Math.min(...openings) }),
    ...(elsewhere.length > 0 && { outside: elsewhere }),
    ...(otherThan.length > 0 && { otherThan }),
  };
  const name = nameOf(resource);
  if (name === undefined) return policy;
  const [key] = addressKeysOf(source);
  return { ...policy, Statement: [...policy.Statement, statement("Deny", [name], limits, key)] };
}

/**
 * Undefined for a route that no pattern stands for exactly: to deny more would refuse other routes for as long as the
 * cache keeps the policy.
 */
function nameOf(arn: ResourceArn): string | undefined {
  const route = resourceOnStage(arn, arn.method, arn.path);
  return /[*?$]/.test(arn.path) || route.length > MAX_RESOURCE_LENGTH ? undefined : route;
}
