import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { contextOf, principalIdOf } from "../../shared/caller/context.ts";
import type { Allowed, Denied } from "../../shared/decision.ts";
import { MAX_RESULT_LENGTH, type PolicyDocument } from "../../shared/policy/document.ts";
import { TroubleError } from "../../shared/reasons/errors.ts";

/**
 * A decision about a known caller as a REST API expects it (API Gateway developer guide, "Output from an API Gateway Lambda authorizer").
 *
 * @throws {TroubleError} `policy_too_large` where the result would exceed 8 KB
 */
export function restResponse(decision: Allowed | Denied): APIGatewayAuthorizerResult {
  const { caller } = decision;
  const result: APIGatewayAuthorizerResult = {
    principalId: caller ? principalIdOf(caller) : "unresolved",
    policyDocument: mutable(decision.policy),
    context: {
      ...(caller && contextOf(caller)),
      ...(decision.outcome === "deny" && { reason: decision.reason }),
    },
    ...(caller?.usageIdentifierKey !== undefined && { usageIdentifierKey: caller.usageIdentifierKey }),
  };
  if (Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_LENGTH) throw new TroubleError("policy_too_large");
  return result;
}

/** The types of @types/aws-lambda know no read-only arrays. */
function mutable(policy: PolicyDocument): APIGatewayAuthorizerResult["policyDocument"] {
  return policy as unknown as APIGatewayAuthorizerResult["policyDocument"];
}
