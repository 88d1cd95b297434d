import type { RouteRequest } from "./covers-request.ts";
import { type Condition, instant, MAX_RESOURCE_LENGTH, type PolicyDocument, type Statement } from "./document.ts";
import type { Grant } from "./grants.ts";
import { groupsOf, type Limits } from "./group.ts";
import { remainder } from "./remainder.ts";
import { type ResourceArn, resourceOnStage, wholeStage } from "./resource-arn.ts";
import { mayOverlap } from "./resource-pattern.ts";

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
 * Compiles the grants of a caller to the fewest statements that say the same: one for all resources with equal conditions, without
 * resources that another of the statement covers. Every Allow ends at `bounds.end` and, where addresses are bound, holds for
 * them only. What is not allowed is denied explicitly, because a policy that is silent lets a permissive resource policy
 * decide (API Gateway developer guide, authorization flow, table A).
 *
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters
 */
export function compilePolicy(request: RouteRequest, grants: readonly Grant[], bounds: Bounds): PolicyDocument {
  const arn = request.resource;
  const addressKey = request.source.viaVpcEndpoint ? "aws:VpcSourceIp" : "aws:SourceIp";
  const general: Limits = { end: bounds.end, ...(bounds.addresses && { addresses: bounds.addresses }) };
  const allowed = bounds.addresses?.length === 0 ? [] : groupsOf(arn, grants, "allow", general);
  if (allowed.length === 0) return denyAll(arn);
  const permitted = allowed.flatMap(({ resources }) => resources);
  const denied = groupsOf(arn, grants, "deny", {}).flatMap(({ limits, resources }) => {
    // What no statement allows need not be denied by name, where everything else is denied anyway.
    const named = bounds.explicitDeny
      ? resources.filter((resource) => permitted.some((other) => mayOverlap(other, resource)))
      : resources;
    return named.length > 0 ? [statement("Deny", named, conditionOf(limits, addressKey))] : [];
  });
  return documentOf([
    ...allowed.map(({ limits, resources }) => statement("Allow", resources, conditionOf(limits, addressKey))),
    ...denied,
    ...(bounds.explicitDeny
      ? remainder(wholeStage(arn), allowed, general, addressKey).map((denial) => ({ ...base("Deny"), ...denial }))
      : []),
  ]);
}

/** A policy that allows nothing. */
export function denyAll(arn: ResourceArn): PolicyDocument {
  return documentOf([{ ...base("Deny"), Resource: [wholeStage(arn)] }]);
}

/** The policy with an explicit denial of the route at hand, for a refusal that the policy would otherwise leave unsaid. */
export function denyRoute(policy: PolicyDocument, arn: ResourceArn): PolicyDocument {
  const route = resourceOnStage(arn, arn.method, arn.path);
  // A path with wildcards or variables in it, or too long a one, cannot be named exactly: the whole stage is denied then.
  const resource = /[*?$]/.test(arn.path) || route.length > MAX_RESOURCE_LENGTH ? wholeStage(arn) : route;
  return documentOf([...policy.Statement, { ...base("Deny"), Resource: [resource] }]);
}

function conditionOf({ start, end, addresses }: Limits, addressKey: string): Condition {
  return {
    ...(end !== undefined && { DateLessThan: { "aws:CurrentTime": instant(end) } }),
    ...(start !== undefined && { DateGreaterThanEquals: { "aws:CurrentTime": instant(start) } }),
    ...(addresses && { IpAddress: { [addressKey]: addresses } }),
  };
}

function statement(effect: Statement["Effect"], resources: readonly string[], condition: Condition): Statement {
  return {
    ...base(effect),
    Resource: resources,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

const base = <Effect extends Statement["Effect"]>(effect: Effect) =>
  ({ Action: "execute-api:Invoke", Effect: effect }) as const;

const documentOf = (statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});
