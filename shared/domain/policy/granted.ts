import { canonicalRanges, intersectRanges } from "../address/address-range.ts";
import { CONNECT, type ResourceArn } from "../resource/arn.ts";
import { type Interval, union } from "../time/interval.ts";
import type { Grant } from "./grant.ts";

/** What one grant says of an API's resources, with the limits that it has beside those of the whole policy. */
export interface Granted {
  /** Patterns of method and path: `GET/orders/*`. */
  readonly resources: readonly string[];
  /** When, within the policy's life. */
  readonly intervals: readonly Interval[];
  /** From where, if not from everywhere that the policy holds for. */
  readonly addresses?: readonly string[];
  /** Through which VPC endpoints, if not through any and none. */
  readonly endpoints?: readonly string[];
}

/** What a policy as a whole is limited to. */
export interface Life extends Interval {
  /** CIDRs. Absent: any address. */
  readonly addresses?: readonly string[];
}

/**
 * The grants of one effect that concern this API at all: a WebSocket API has one route, which no other API has.
 * Grants that can hold at no instant of the policy's life, or from no address of it, are left out.
 */
export function grantedBy(
  { method: asked }: Pick<ResourceArn, "method">,
  grants: readonly Grant[],
  effect: Grant["effect"],
  life: Life,
): Granted[] {
  return grants.flatMap((grant) => {
    if (grant.effect !== effect) return [];
    const routes = grant.routes.filter(({ method }) => (method === CONNECT) === (asked === CONNECT));
    const intervals = grant.intervals ? within(grant.intervals, life) : [{ start: life.start, end: life.end }];
    const addresses = ownAddresses(grant.addresses, life.addresses);
    if (routes.length === 0 || intervals.length === 0 || addresses?.length === 0) return [];
    const resources = routes.map(({ method, path }) => (method + path).replace(/\*{2,}/g, "*"));
    const endpoints = grant.vpcEndpoints;
    return [{ resources, intervals, ...(addresses && { addresses }), ...(endpoints && { endpoints }) }];
  });
}

function within(intervals: readonly Interval[], life: Interval): Interval[] {
  return union(
    intervals.map(({ start, end }) => ({ start: Math.max(start, life.start), end: Math.min(end, life.end) })),
  );
}

/** The addresses of a rule, as far as the policy holds for them; undefined if that is all that the policy holds for. */
function ownAddresses(own: readonly string[] | undefined, general: readonly string[] | undefined) {
  if (!own) return undefined;
  if (!general) return canonicalRanges(own);
  const common = intersectRanges(own, general);
  return new Set(common).symmetricDifference(new Set(general)).size === 0 ? undefined : common;
}

/** Whether a grant holds for the whole life of the policy, from everywhere that it holds for. */
export function isUnlimited({ intervals, addresses, endpoints }: Granted, life: Interval): boolean {
  const [first] = intervals;
  return !addresses && !endpoints && first !== undefined && first.start <= life.start && first.end >= life.end;
}
