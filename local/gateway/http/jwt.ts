import type { HttpApi } from "../api.ts";
import { identityValues, missingSources } from "../identity-source.ts";
import { challengeOf } from "../jwt/challenge.ts";
import { checkToken } from "../jwt/check-token.ts";
import { type JwtContext, jwtContext } from "../jwt/claims.ts";
import type { JwtRoute } from "../jwt/jwt-authorizer.ts";
import type { GatewayRequest } from "../request.ts";
import type { HttpParts } from "./authorize.ts";

/** What a JWT authorizer answers: the claims for the backend, or the refusal. */
export type JwtOutcome =
  | { readonly context: JwtContext }
  | { readonly refusal: { readonly status: 401 | 403 | 500; readonly challenge?: string } };

/** Asks the JWT authorizer of an HTTP API's route. Nothing is cached but the issuer's keys. */
export async function askJwtAuthorizer(
  route: JwtRoute,
  api: HttpApi,
  request: GatewayRequest,
  { keySets, settings, trail }: HttpParts,
): Promise<JwtOutcome> {
  const { source } = route.authorizer;
  const [value] = identityValues([source], request, api.stageVariables, {}) ?? [];
  const answer = await checkToken(route, value, keySets, request.time);
  if ("claims" in answer) {
    trail.ends("allow");
    return { context: jwtContext(answer.claims, answer.scopes, route, settings) };
  }
  const missing = missingSources([source], request, api.stageVariables, {});
  const reason = answer.refused === "no_token" ? missing : answer.description;
  if (answer.refused === "insufficient_scope") {
    trail.ends("deny", reason);
    return { refusal: { status: 403, challenge: challengeOf(answer, route.scopes) } };
  }
  const isTrouble = answer.refused === "keys_unavailable" && settings.jwtKeysTrouble === 500;
  trail.ends(isTrouble ? "unavailable" : "unauthenticated", reason);
  return { refusal: isTrouble ? { status: 500 } : { status: 401, challenge: challengeOf(answer, []) } };
}
