import type { ResourceArn } from "../resource/arn.ts";
import { coversPattern, overlaps, withoutCovered } from "../resource/pattern.ts";
import type { Limits } from "./condition.ts";
import type { Statement } from "./document.ts";
import type { Grant } from "./grant.ts";
import { type Granted, grantedBy, isUnlimited, type Life } from "./granted.ts";
import { remainder } from "./remainder.ts";
import { CLIMBING } from "./spellings.ts";

/** A statement before it is about one stage: patterns of method and path, and limits that are not yet conditions. */
export interface Draft {
  readonly effect: Statement["Effect"];
  readonly resources: readonly string[];
  /** Whether it is about everything but these resources. */
  readonly not?: true;
  readonly limits: Limits;
  /** Whether it must hold under whichever key a request has its address. */
  readonly underEitherKey?: true;
}

/**
 * The fewest statements that say what the grants say: one for all resources with equal limits, without resources that
 * another of the statement covers. Empty if nothing is allowed.
 *
 * @param explicitDeny whether what is not allowed is denied in so many words
 * @throws {TroubleError} `policy_too_large` if there are more statements than 8 KB have room for
 */
export function draftPolicy(
  asked: Pick<ResourceArn, "method">,
  grants: readonly Grant[],
  life: Life,
  explicitDeny: boolean,
): Draft[] {
  const allowed = grantedBy(asked, grants, "allow", life);
  if (allowed.length === 0) return [];
  const permitted = [...new Set(allowed.flatMap(({ resources }) => resources))];
  // What no statement allows need not be denied by name, where everything else is denied anyway.
  const isAllowed = (one: string) => permitted.some((other) => overlaps(other, one));
  const denied = grantedBy(asked, grants, "deny", life).map((granted) => ({
    ...granted,
    resources: explicitDeny ? granted.resources.filter(isAllowed) : granted.resources,
  }));
  // A path that climbs is never allowed, and only a wildcard would allow it.
  const climbing = { resources: CLIMBING.filter(isAllowed), intervals: [life] };
  return [
    ...gathered("Allow", allowed, life),
    ...gathered("Deny", [climbing, ...denied], life).map((draft) => ({ ...draft, underEitherKey: true as const })),
    ...(explicitDeny ? remainder(allowed, life) : []),
  ];
}

/** One draft for all resources with equal limits, without those that one of them, or an unlimited one, covers. */
function gathered(effect: Statement["Effect"], granted: readonly Granted[], life: Life): Draft[] {
  const general = granted.filter((one) => isUnlimited(one, life)).flatMap(({ resources }) => resources);
  const groups = new Map<string, { limits: Limits; resources: string[] }>();
  for (const one of granted) {
    const resources = isUnlimited(one, life)
      ? one.resources
      : one.resources.filter((inner) => !general.some((outer) => coversPattern(outer, inner)));
    for (const limits of limitsOf(one, life, effect)) {
      const key = `${limits.start} ${limits.end} ${limits.addresses?.join(" ")} ${limits.endpoints?.join(" ")}`;
      const group = groups.get(key) ?? { limits, resources: [] };
      group.resources.push(...resources);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ limits, resources }) =>
    resources.length === 0 ? [] : [{ effect, resources: withoutCovered(resources), limits }],
  );
}

/** The limits of a grant, one for each of its intervals. A denial needs none of those that the whole policy has. */
function limitsOf({ intervals, addresses, endpoints }: Granted, life: Life, effect: Statement["Effect"]): Limits[] {
  const bound = addresses ?? (effect === "Allow" ? life.addresses : undefined);
  return intervals.map(({ start, end }) => ({
    ...(start > life.start && { start }),
    ...((effect === "Allow" || end < life.end) && { end }),
    ...(bound && { addresses: bound }),
    ...(endpoints && { endpoints }),
  }));
}
