import { matchesPattern } from "../shared/domain/resource/pattern.ts";
import { holds, type RequestContext } from "./condition.ts";
import { type Match, type ParsedCondition, type ParsedStatement, type PolicyKind, parsePolicy } from "./parse.ts";
import { PolicyError } from "./policy-error.ts";

export type { RequestContext } from "./condition.ts";
export type { ParsedCondition, PolicyKind } from "./parse.ts";
export { PolicyError } from "./policy-error.ts";

/*
 * Entry point of iam/: evaluates IAM policies as API Gateway does. It is written here because the only library for it
 * has the AGPL licence. It throws for every unsupported element, so that no test passes by accident.
 */

/** A request as IAM sees it: an action on a resource, with the values of condition keys. */
export interface IamRequest {
  /** The action; by default `execute-api:Invoke`. */
  readonly action?: string;
  /** ARN, for example `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/orders`. */
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly context: RequestContext;
}

/** The effect of a policy on a request. The denial is implicit if no statement applies. */
export type Effect = "allow" | "implicit-deny" | "explicit-deny";

/** The effect of a policy on a request, and the statement or condition that decided. */
export interface Evaluation {
  readonly effect: Effect;
  /** The statement that decided; absent if none did. */
  readonly statement?: { readonly index: number; readonly sid?: string };
  /** The conditions of the statement that decided. All of them held. */
  readonly conditions?: readonly ParsedCondition[];
  /** For an implicit denial: the first condition that failed in an Allow for this resource. */
  readonly failed?: { readonly statement: number; readonly condition: ParsedCondition };
}

/**
 * Evaluates a policy: an explicit Deny overrides every Allow, and without either the request is denied (IAM user guide,
 * "Policy evaluation logic").
 *
 * @param policy the document, as an object
 * @param kind `identity`, the default, for an authorizer's policy; `resource` for the resource policy of an API
 * @throws {PolicyError} if the policy breaks the grammar, or uses an unsupported element
 */
export function evaluate(policy: unknown, request: IamRequest, kind: PolicyKind = "identity"): Evaluation {
  let allowing: ParsedStatement | undefined;
  let denying: ParsedStatement | undefined;
  let failed: Evaluation["failed"];
  // All conditions of all statements are evaluated, so that a mistake throws even if it does not change the result.
  for (const statement of parsePolicy(policy, kind)) {
    const missed = statement.conditions.filter((condition) => !holds(condition, request.context));
    if (!concerns(statement, request)) continue;
    const [condition] = missed;
    if (condition) {
      if (statement.effect === "Allow") failed ??= { statement: statement.index, condition };
    } else if (statement.effect === "Deny") denying ??= statement;
    else allowing ??= statement;
  }
  if (denying) return because("explicit-deny", denying);
  if (allowing) return because("allow", allowing);
  return { effect: "implicit-deny", ...(failed && { failed }) };
}

function because(effect: Effect, { index, sid, conditions }: ParsedStatement): Evaluation {
  return { effect, statement: { index, ...(sid !== undefined && { sid }) }, conditions };
}

function concerns({ actions, resources }: ParsedStatement, { action = "execute-api:Invoke", resource }: IamRequest) {
  return (
    applies(actions, (pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase())) &&
    applies(resources, (pattern) => matchesPattern(resourcePattern(pattern, resource), resource))
  );
}

function applies({ patterns, negated }: Match, matches: (pattern: string) => boolean): boolean {
  return patterns.some(matches) !== negated;
}

/**
 * Resource policies may shorten the ARN of their own API to `execute-api:/stage/verb/path`. AWS expands it when it
 * saves them.
 */
function resourcePattern(pattern: string, resource: string): string {
  if (pattern === "*" || pattern.startsWith("arn:")) return pattern;
  if (pattern.startsWith("execute-api:/"))
    return resource.slice(0, resource.indexOf("/")) + pattern.slice("execute-api:".length);
  throw new PolicyError(`"${pattern}" is no ARN.`);
}
