import type { PolicyDocument, Statement } from "../../shared/policy/document.ts";
import { matchesPattern } from "../../shared/policy/resource-pattern.ts";
import { holds, type RequestContext } from "./condition.ts";

/** A request as IAM sees it: what is to be done with which resource, and the condition keys that are known of it. */
export interface IamRequest {
  readonly resource: string;
  /** Condition keys in lower case. */
  readonly context: RequestContext;
}

export type Effect = "allow" | "implicit-deny" | "explicit-deny";

/**
 * Evaluates an authorizer's policy: an explicit Deny outweighs every Allow, and silence denies (IAM user guide, "Policy evaluation
 * logic"). Covers the part of the language that `PolicyDocument` has.
 *
 * @throws {Error} for an operator it does not know: nothing is passed that was not understood
 */
export function evaluate(policy: PolicyDocument, request: IamRequest): Effect {
  const applying = policy.Statement.filter((statement) => applies(statement, request));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "explicit-deny";
  return applying.some(({ Effect }) => Effect === "Allow") ? "allow" : "implicit-deny";
}

function applies({ Resource, NotResource, Condition = {} }: Statement, { resource, context }: IamRequest): boolean {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => matchesPattern(pattern, resource));
  if (Resource && !matches(Resource)) return false;
  if (NotResource && matches(NotResource)) return false;
  return holds(Condition, context);
}
