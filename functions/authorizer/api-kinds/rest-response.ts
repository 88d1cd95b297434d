import type { APIGatewayAuthorizerResult } from "aws-lambda";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { Allowed, Denied, Unauthenticated } from "../../../shared/domain/decision.ts";
import { denyAll } from "../../../shared/domain/policy/compile.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { mutable, policyResponse, policyResponseWith } from "./policy-response.ts";

/** RFC 9449 section 9. */
const USE_NONCE = 'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"';

/**
 * A decision as REST APIs take it. Where DPoP proofs need a nonce, a refusal has a challenge for the gateway response
 * `ACCESS_DENIED`, which can put values of the context into headers. What is thrown as `Unauthorized` cannot have one:
 * a client whose proof lacks a nonce is denied by a policy, so that it gets to know the nonce.
 *
 * @throws {UnauthorizedError} for a caller who is not known
 * @throws {TroubleError} `policy_too_large` where the result would exceed 8 KB
 */
export function restResponse(
  decision: Allowed | Denied | Unauthenticated,
  { credentials, resource, cache }: AuthorizationRequest,
  { dpop }: Config,
): APIGatewayAuthorizerResult {
  if (!dpop?.nonce || decision.outcome === "allow") return policyResponse(decision);
  if (decision.outcome === "deny") {
    const scheme = credentials.some((credential) => credential.scheme === "dpop") ? "DPoP" : "Bearer";
    return policyResponseWith({ wwwAuthenticate: `${scheme} error="insufficient_scope"` }, decision);
  }
  const { reason, dpopNonce } = decision;
  // A policy that may be cached would refuse the next proof too, whatever its nonce.
  if (dpopNonce === undefined || cache !== undefined || "graphqlApi" in resource) return policyResponse(decision);
  return {
    principalId: "unresolved",
    context: { reason, dpopNonce, wwwAuthenticate: USE_NONCE },
    policyDocument: mutable(denyAll(resource)),
  };
}
