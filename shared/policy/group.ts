import { intersectRanges } from "../address/address-range.ts";
import { TroubleError } from "../reasons/errors.ts";
import { MAX_RESOURCE_LENGTH } from "./document.ts";
import type { Grant } from "./grants.ts";
import { CONNECT, type ResourceArn, resourceOnStage } from "./resource-arn.ts";
import { coversPattern, withoutCovered } from "./resource-pattern.ts";
import type { Interval } from "./time-window.ts";

/** Resources that share their limits. */
export interface Group {
  readonly limits: Limits;
  readonly resources: readonly string[];
}

export interface Limits {
  /** Seconds since the epoch. */
  readonly start?: number;
  readonly end?: number;
  readonly addresses?: readonly string[];
}

/**
 * The resources of all grants of one effect, gathered by equal limits: each group becomes one statement. Within a group no resource
 * covers another, and what is granted without further limits is not granted again with some.
 *
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters
 */
export function groupsOf(
  arn: ResourceArn,
  grants: readonly Grant[],
  effect: Grant["effect"],
  general: Limits,
): Group[] {
  const groups = new Map<string, { limits: Limits; resources: string[] }>();
  for (const grant of grants.filter((candidate) => candidate.effect === effect)) {
    // A WebSocket API has one route, which no other API has.
    const own = grant.routes.filter(({ method }) => (method === CONNECT) === (arn.method === CONNECT));
    if (own.length === 0) continue;
    const resources = own.map(({ method, path }) => resourceOnStage(arn, method, path.replace(/\*+/g, "*")));
    if (resources.some(({ length }) => length > MAX_RESOURCE_LENGTH)) throw new TroubleError("policy_too_large");
    for (const limits of limitsOf(grant, general)) {
      const key = JSON.stringify([limits.start, limits.end, limits.addresses]);
      const group = groups.get(key) ?? { limits, resources: [] };
      group.resources.push(...resources);
      groups.set(key, group);
    }
  }
  const [widest, ...others] = [...groups.values()].sort(
    (left, right) => narrowness(left, general) - narrowness(right, general),
  );
  if (!widest) return [];
  const isGeneral = narrowness(widest, general) === 0;
  return [widest, ...others]
    .map(({ limits, resources }, index) => ({
      limits,
      resources: withoutCovered(
        index > 0 && isGeneral
          ? resources.filter((inner) => !widest.resources.some((outer) => coversPattern(outer, inner)))
          : resources,
      ),
    }))
    .filter(({ resources }) => resources.length > 0);
}

/** The limits under which a grant holds, one for each of its intervals: none if it cannot hold at all. */
function limitsOf(grant: Grant, general: Limits): Limits[] {
  const addresses =
    grant.addresses && general.addresses
      ? intersectRanges(grant.addresses, general.addresses)
      : ((grant.addresses && intersectRanges(grant.addresses, grant.addresses)) ?? general.addresses);
  if (addresses?.length === 0) return [];
  const intervals: readonly Interval[] = grant.intervals ?? [{}];
  return intervals.flatMap(({ start, end = Number.POSITIVE_INFINITY }) => {
    const last = Math.min(end, general.end ?? Number.POSITIVE_INFINITY);
    if (start !== undefined && start >= last) return [];
    return [
      {
        ...(start !== undefined && { start }),
        ...(Number.isFinite(last) && { end: last }),
        ...(addresses && { addresses }),
      },
    ];
  });
}

/** The limits of a group that are not those of the whole policy. */
export function ownLimits({ limits: { start, end, addresses } }: Group, general: Limits): Limits {
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && end !== general.end && { end }),
    ...(addresses && String(addresses) !== String(general.addresses) && { addresses }),
  };
}

const narrowness = (group: Group, general: Limits) => Object.keys(ownLimits(group, general)).length;
