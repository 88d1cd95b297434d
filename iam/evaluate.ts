import { matchesPattern } from "../shared/domain/resource/pattern.ts";
import { holds, type RequestContext } from "./condition.ts";
import { type Match, type ParsedCondition, type ParsedStatement, type PolicyKind, parsePolicy } from "./parse.ts";
import { PolicyError } from "./policy-error.ts";

export { PolicyError } from "./policy-error.ts";

/** A request as IAM sees it: what is to be done with which resource, and the condition keys that are known of it. */
export interface IamRequest {
  /** By default `execute-api:Invoke`. */
  readonly action?: string;
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly context: RequestContext;
}

export type Effect = "allow" | "implicit-deny" | "explicit-deny";

/** What a policy says of a request, and why. */
export interface Evaluation {
  readonly effect: Effect;
  /** The statement that decided; absent if none did. */
  readonly statement?: { readonly index: number; readonly sid?: string };
  /** Conditions of the statement that decided, all of which held. */
  readonly conditions?: readonly ParsedCondition[];
  /** Of an implicit denial: the condition that kept an Allow for this resource from applying. */
  readonly failed?: { readonly statement: number; readonly condition: ParsedCondition };
}

/**
 * Evaluates a policy: an explicit Deny outweighs every Allow, and silence denies (IAM user guide, "Policy evaluation logic"). An authorizer's policy
 * is `identity`.
 *
 * @throws {PolicyError} if the policy breaks the grammar, or says something that is not known
 */
export function evaluate(policy: unknown, request: IamRequest, kind: PolicyKind = "identity"): Evaluation {
  let allowing: ParsedStatement | undefined;
  let denying: ParsedStatement | undefined;
  let failed: Evaluation["failed"];
  // Every statement is looked at to its end: a mistake in one that does not matter today is a mistake all the same.
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

/** Resource policies may shorten their own API to `execute-api:/stage/verb/path`, which is expanded when they are saved. */
function resourcePattern(pattern: string, resource: string): string {
  if (pattern === "*" || pattern.startsWith("arn:")) return pattern;
  if (pattern.startsWith("execute-api:/"))
    return resource.slice(0, resource.indexOf("/")) + pattern.slice("execute-api:".length);
  throw new PolicyError(`"${pattern}" is no ARN.`);
}
