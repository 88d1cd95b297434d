import type { JWTPayload } from "jose";
import type { RestApi } from "../api.ts";
import { identityValues, missingSources } from "../identity-source.ts";
import { checkToken } from "../jwt/check-token.ts";
import type { JwtRoute } from "../jwt/jwt-authorizer.ts";
import type { GatewayRequest } from "../request.ts";
import type { RestParts } from "./ask-authorizer.ts";
import type { Failure } from "./failure.ts";

/** What a JWT authorizer answers: the claims for the backend, each with its JSON type, or the refusal. */
export type RestJwtOutcome = { readonly claims: JWTPayload } | { readonly failure: Failure };

/**
 * Asks the JWT authorizer of a REST API's method (API Gateway developer guide, "Control access to REST APIs using JWT
 * authorizers"). The guide says 401 and 403; that these are the gateway responses UNAUTHORIZED and ACCESS_DENIED, and
 * their messages, it does not.
 */
export async function askRestJwtAuthorizer(
  route: JwtRoute,
  api: RestApi,
  request: GatewayRequest,
  { keySets, settings, trail }: RestParts,
): Promise<RestJwtOutcome> {
  const { source } = route.authorizer;
  const [value] = identityValues([source], request, api.stageVariables, {}) ?? [];
  const answer = await checkToken(route, value, keySets, request.time);
  if ("claims" in answer) {
    trail.ends("allow");
    return { claims: answer.claims };
  }
  const missing = missingSources([source], request, api.stageVariables, {});
  const reason = answer.refused === "no_token" ? missing : answer.description;
  if (answer.refused === "insufficient_scope") {
    trail.ends("deny", reason);
    return { failure: { type: "ACCESS_DENIED", message: "Forbidden" } };
  }
  const isTrouble = answer.refused === "keys_unavailable" && settings.jwtKeysTrouble === 500;
  trail.ends(isTrouble ? "unavailable" : "unauthenticated", reason);
  return {
    failure: isTrouble
      ? { type: settings.authorizerError, message: null }
      : { type: "UNAUTHORIZED", message: "Unauthorized" },
  };
}
