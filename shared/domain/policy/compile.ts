import { type ResourceArn, wholeStage } from "../resource/arn.ts";
import { addressKeysOf, conditionOf, type Limits } from "./condition.ts";
import type { RouteRequest } from "./covers-request.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import type { Grant } from "./grant.ts";
import type { Life } from "./granted.ts";
import { markPlain } from "./length-bound.ts";
import { draftsOnStage } from "./stage-drafts.ts";

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
 * Compiles the grants of a caller to a policy. Every Allow ends at `bounds.end` and, where addresses are bound, holds
 * for them only. What is not allowed is denied explicitly, because a policy that is silent lets a permissive resource
 * policy decide (API Gateway developer guide, authorization flow, table A).
 *
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters, or there are more statements than 8
 * KB have room for
 */
export function compilePolicy(
  { resource, source, time }: RouteRequest,
  grants: readonly Grant[],
  { end, addresses, explicitDeny }: Bounds,
): PolicyDocument {
  const life: Life = { start: time, end, ...(addresses && { addresses }) };
  const drafts = draftsOnStage(resource, grants, life, explicitDeny);
  if (drafts.length === 0) return denyAll(resource);
  const [key, other] = addressKeysOf(source);
  const policy = documentOf(
    drafts.flatMap(({ effect, resources, not, limits, underEitherKey }) => {
      const keys = underEitherKey && limits.addresses ? [key, other] : [key];
      return keys.map((each) => statement(effect, resources, limits, each, not));
    }),
  );
  return markPlain(policy);
}

/** A policy that allows nothing. */
export function denyAll(arn: ResourceArn): PolicyDocument {
  return documentOf([{ ...base("Deny"), Resource: [wholeStage(arn)] }]);
}

/** One statement of a policy. @param not whether it is about all resources but these */
export function statement(
  effect: Statement["Effect"],
  resources: readonly string[],
  limits: Limits,
  addressKey: Parameters<typeof conditionOf>[1],
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
