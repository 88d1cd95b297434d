import { type ResourceArn, wholeStage } from "../resource/arn.ts";
import { coversPattern, overlaps, withoutCovered } from "../resource/pattern.ts";
import { type AddressKey, addressKeyOf, conditionOf, type Limits } from "./condition.ts";
import type { RouteRequest } from "./covers-request.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import type { Grant } from "./grant.ts";
import { type Granted, grantedBy, isUnlimited, type Life } from "./granted.ts";
import { remainder } from "./remainder.ts";

/** What holds for the policy as a whole, whichever rule a statement comes from. */
export interface Bounds {
  /** Seconds since the epoch: the instant from which nothing is allowed any more. */
  readonly end: number;
  /** CIDRs outside which nothing is allowed. Absent: any address. Empty: none. */
  readonly addresses?: readonly string[];
  /** Whether the policy denies explicitly what it does not allow. */
  readonly explicitDeny: boolean;
}

/**
 * Compiles the grants of a caller to the fewest statements that say the same: one for all resources with equal limits, without
 * resources that another of the statement covers. Every Allow ends at `bounds.end` and, where addresses are bound, holds for
 * them only. What is not allowed is denied explicitly, because a policy that is silent lets a permissive resource policy
 * decide (API Gateway developer guide, authorization flow, table A).
 *
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters, or there are more statements than 8 KB have room for
 */
export function compilePolicy(request: RouteRequest, grants: readonly Grant[], bounds: Bounds): PolicyDocument {
  const { resource: arn, source, time } = request;
  const life: Life = { start: time, end: bounds.end, ...(bounds.addresses && { addresses: bounds.addresses }) };
  const allowed = bounds.addresses?.length === 0 ? [] : grantedBy(arn, grants, "allow", life);
  if (allowed.length === 0) return denyAll(arn);
  const permitted = allowed.flatMap(({ resources }) => resources);
  // What no statement allows need not be denied by name, where everything else is denied anyway.
  const denied = grantedBy(arn, grants, "deny", life).map((granted) =>
    bounds.explicitDeny
      ? { ...granted, resources: granted.resources.filter((one) => permitted.some((other) => overlaps(other, one))) }
      : granted,
  );
  const addressKey = addressKeyOf(source);
  // A TOKEN authorizer is not told whether an endpoint is in between: a denial for addresses holds under either key.
  const keys: AddressKey[] = source.address === undefined ? ["aws:SourceIp", "aws:VpcSourceIp"] : [addressKey];
  return documentOf([
    ...statements("Allow", allowed, life, [addressKey]),
    ...statements("Deny", denied, life, keys),
    ...(bounds.explicitDeny ? remainder(wholeStage(arn), allowed, life) : []).map(({ resources, not, limits }) =>
      statement("Deny", resources, limits, addressKey, not),
    ),
  ]);
}

/** A policy that allows nothing. */
export function denyAll(arn: ResourceArn): PolicyDocument {
  return documentOf([{ ...base("Deny"), Resource: [wholeStage(arn)] }]);
}

/** One statement for all resources with equal limits, without those that one of them, or an unlimited one, covers. */
function statements(
  effect: Statement["Effect"],
  granted: readonly Granted[],
  life: Life,
  addressKeys: readonly AddressKey[],
): Statement[] {
  const general = granted.filter((one) => isUnlimited(one, life)).flatMap(({ resources }) => resources);
  const groups = new Map<string, { limits: Limits; resources: string[] }>();
  for (const one of granted) {
    const resources = isUnlimited(one, life)
      ? one.resources
      : one.resources.filter((inner) => !general.some((outer) => coversPattern(outer, inner)));
    for (const limits of limitsOf(one, life, effect)) {
      const key = JSON.stringify(limits);
      const group = groups.get(key) ?? { limits, resources: [] };
      group.resources.push(...resources);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ limits, resources }) => {
    if (resources.length === 0) return [];
    const keys = limits.addresses ? addressKeys : addressKeys.slice(0, 1);
    return keys.map((key) => statement(effect, withoutCovered(resources), limits, key));
  });
}

/** The limits of a grant, one for each of its intervals. A denial needs none of those that the whole policy has. */
function limitsOf({ intervals, addresses }: Granted, life: Life, effect: Statement["Effect"]): Limits[] {
  const bound = addresses ?? (effect === "Allow" ? life.addresses : undefined);
  return intervals.map(({ start, end }) => ({
    ...(start > life.start && { start }),
    ...((effect === "Allow" || end < life.end) && { end }),
    ...(bound && { addresses: bound }),
  }));
}

/** One statement of a policy. @param not whether it is about all resources but these */
export function statement(
  effect: Statement["Effect"],
  resources: readonly string[],
  limits: Limits,
  addressKey: AddressKey,
  not = false,
): Statement {
  const condition = conditionOf(limits, addressKey);
  return {
    ...base(effect),
    ...(not ? { NotResource: resources } : { Resource: resources }),
    ...(condition && { Condition: condition }),
  };
}

const base = <Effect extends Statement["Effect"]>(effect: Effect) =>
  ({ Action: "execute-api:Invoke", Effect: effect }) as const;

const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});
