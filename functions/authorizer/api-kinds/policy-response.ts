import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { identificationOf } from "../../../shared/domain/caller/context.ts";
import type { Allowed, Denied, Unauthenticated } from "../../../shared/domain/decision.ts";
import { MAX_RESULT_LENGTH, type PolicyDocument } from "../../../shared/domain/policy/document.ts";
import { lengthBound } from "../../../shared/domain/policy/length-bound.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { UnauthorizedError } from "./refusal-error.ts";

/**
 * A decision as REST, HTTP and WebSocket APIs take it: an IAM policy, whom it is for, and what a backend is told (API
 * Gateway developer guide, "Output from an API Gateway Lambda authorizer").
 *
 * @throws {UnauthorizedError} for a caller who is not known
 * @throws {TroubleError} `policy_too_large` where the result would exceed 8 KB
 */
export function policyResponse(decision: Allowed | Denied | Unauthenticated): APIGatewayAuthorizerResult {
  return policyResponseWith({}, decision);
}

/** The same with more values in the context than those that say who the caller is. */
export function policyResponseWith(
  more: Readonly<Record<string, string>>,
  decision: Allowed | Denied | Unauthenticated,
): APIGatewayAuthorizerResult {
  if (decision.outcome === "unauthenticated") throw new UnauthorizedError();
  if (!decision.policy) throw new TroubleError("internal_error");
  const { caller } = decision;
  const reason = decision.outcome === "deny" ? decision.reason : undefined;
  const named = caller
    ? identificationOf(caller, reason)
    : { principalId: "unresolved", context: { ...(reason && { reason }) } };
  const result: APIGatewayAuthorizerResult = {
    ...named,
    context: { ...named.context, ...more },
    policyDocument: mutable(decision.policy),
  };
  const isSmall = lengthBound(decision.policy) + boundOf(result) <= MAX_RESULT_LENGTH;
  if (!isSmall && Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_LENGTH)
    throw new TroubleError("policy_too_large");
  return result;
}

/**
 * Bytes of a result beside its policy, at most: texts of a context are plain ASCII, but for the few quotation
 * marks of a challenge; a usage key may need six bytes for a character.
 */
function boundOf({ principalId, context, usageIdentifierKey }: APIGatewayAuthorizerResult): number {
  let length = 128 + principalId.length + (usageIdentifierKey ?? "").length * 6;
  for (const [name, value] of Object.entries(context ?? {})) length += name.length + 6 + String(value).length;
  return length;
}

/** The types of @types/aws-lambda know no read-only arrays. */
export function mutable(policy: PolicyDocument): APIGatewayAuthorizerResult["policyDocument"] {
  return policy as unknown as APIGatewayAuthorizerResult["policyDocument"];
}
