import { TroubleError } from "../reasons/errors.ts";
import { type Condition, instant, type Statement } from "./document.ts";
import { type Group, type Limits, ownLimits } from "./group.ts";
import { mayOverlap } from "./resource-pattern.ts";

/** A denial: of these resources, or of all but these, where the limits are not kept. */
type Denial = Pick<Statement, "Resource" | "NotResource" | "Condition">;

/** One way not to keep a limit. Several of them hold together where all limits of a kind are missed. */
interface Outside {
  readonly addresses?: readonly string[];
  readonly before?: number;
  readonly from?: number;
}

/** More statements than 8 KB have room for. */
const MAX_STATEMENTS = 64;

/**
 * Denials of all that is not allowed: other resources, other addresses, later times, and what is allowed with limits of its own wherever
 * they are not kept. A resource of several groups is denied only where the limits of all of them are missed.
 *
 * @throws {TroubleError} `policy_too_large` if groups overlap in more ways than a policy has room for
 */
export function remainder(
  stage: string,
  allowed: readonly Group[],
  general: Limits,
  addressKey: string,
): readonly Denial[] {
  const denials: Denial[] = [
    { NotResource: resourcesOf(allowed) },
    ...missing(general).map((outside) => ({ Resource: [stage], Condition: conditionOf(outside, addressKey) })),
  ];
  const limited = allowed.filter((group) => missing(ownLimits(group, general)).length > 0);
  for (const together of overlapping(limited)) {
    const others = allowed.filter((group) => !together.includes(group));
    const [only] = together;
    const apart = together.length === 1 && only && !others.some((other) => overlap(other, only));
    const where = apart ? { Resource: only.resources } : { NotResource: resourcesOf(others) };
    for (const outside of missingAll(together.map((group) => ownLimits(group, general)))) {
      denials.push({
        ...(others.length > 0 ? where : { Resource: [stage] }),
        Condition: conditionOf(outside, addressKey),
      });
    }
    if (denials.length > MAX_STATEMENTS) throw new TroubleError("policy_too_large");
  }
  return denials;
}

/** Every set of groups that may have a resource in common, single ones included. */
function* overlapping(groups: readonly Group[], together: readonly Group[] = []): Generator<readonly Group[]> {
  for (const [index, group] of groups.entries()) {
    const next = [...together, group];
    yield next;
    yield* overlapping(
      groups.slice(index + 1).filter((other) => overlap(other, group)),
      next,
    );
  }
}

const overlap = (left: Group, right: Group) =>
  left.resources.some((one) => right.resources.some((other) => mayOverlap(one, other)));

const resourcesOf = (groups: readonly Group[]) => [...new Set(groups.flatMap(({ resources }) => resources))];

/** The ways not to keep limits: each alone is enough. */
function missing({ start, end, addresses }: Limits): Outside[] {
  return [
    ...(addresses ? [{ addresses }] : []),
    ...(start !== undefined ? [{ before: start }] : []),
    ...(end !== undefined ? [{ from: end }] : []),
  ];
}

/** The ways to keep none of several limits, without those that no instant can meet. */
function missingAll(limits: readonly Limits[]): Outside[] {
  return limits
    .map(missing)
    .reduce((left, right) => left.flatMap((one) => right.map((other) => both(one, other))).filter(isPossible));
}

const isPossible = ({ before, from }: Outside) => before === undefined || from === undefined || from < before;

function both(one: Outside, other: Outside): Outside {
  const addresses = [...new Set([...(one.addresses ?? []), ...(other.addresses ?? [])])];
  const before = Math.min(one.before ?? Number.POSITIVE_INFINITY, other.before ?? Number.POSITIVE_INFINITY);
  const from = Math.max(one.from ?? Number.NEGATIVE_INFINITY, other.from ?? Number.NEGATIVE_INFINITY);
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(Number.isFinite(before) && { before }),
    ...(Number.isFinite(from) && { from }),
  };
}

function conditionOf({ addresses, before, from }: Outside, addressKey: string): Condition {
  return {
    ...(addresses && { NotIpAddress: { [addressKey]: addresses } }),
    ...(before !== undefined && { DateLessThan: { "aws:CurrentTime": instant(before) } }),
    ...(from !== undefined && { DateGreaterThanEquals: { "aws:CurrentTime": instant(from) } }),
  };
}
