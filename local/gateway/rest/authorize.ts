import type { JWTPayload } from "jose";
import { type Effect, type Evaluation, evaluate } from "../../../iam/evaluate.ts";
import type { RestApi, Route } from "../api.ts";
import type { AuthorizerOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import { denialMessage, NOT_IN_POLICY } from "../refusal.ts";
import type { GatewayRequest } from "../request.ts";
import { askRestAuthorizer, contextVariables, type RestParts } from "./ask-authorizer.ts";
import { type CommonEvent, methodArn } from "./event.ts";
import type { Failure, FailureContext } from "./failure.ts";
import { askRestJwtAuthorizer } from "./jwt.ts";

/** What the authorizer says, if the route has one: a Lambda authorizer's output, a token's claims, or the refusal. */
export type Authorization =
  | { readonly output?: AuthorizerOutput; readonly claims?: JWTPayload }
  | { readonly failure: Failure; readonly variables: FailureContext };

/**
 * Authorizes a request to a REST API by its resource policy and its authorizer (API Gateway developer guide, "How API
 * Gateway resource policies affect authorization workflow"). If the resource policy denies, the authorizer is not
 * called.
 */
export async function authorize(
  api: RestApi,
  route: Route,
  request: GatewayRequest,
  common: CommonEvent,
  parts: RestParts,
): Promise<Authorization> {
  const arn = methodArn(api, request);
  const variables: FailureContext = contextVariables(common);
  const resource = evaluateResourcePolicy(api, request);
  if (resource?.effect === "explicit-deny") {
    parts.trail.ends("refused", "resource policy");
    return { failure: resourceDenial(arn, true), variables };
  }

  if (route.jwt) {
    const answer = await askRestJwtAuthorizer(route.jwt, api, request, parts);
    if ("failure" in answer) return { failure: answer.failure, variables };
    if (!resource || resource.effect === "allow") return answer;
    parts.trail.ends("refused", "resource policy");
    return { failure: resourceDenial(arn, false), variables };
  }
  const authorizer = route.authorizer === undefined ? undefined : api.authorizers[route.authorizer];
  if (route.authorizer === undefined || !authorizer) {
    if (!resource || resource.effect === "allow") return {};
    parts.trail.ends("refused", "resource policy");
    return { failure: resourceDenial(arn, false), variables };
  }
  const answer = await askRestAuthorizer(route.authorizer, authorizer, api, request, common, parts);
  if ("failure" in answer) return { failure: answer.failure, variables };
  const { output } = answer;
  const verdict = evaluate(output.policyDocument, { resource: arn, context: conditionKeys(request) });
  const effect = combine(verdict.effect, resource?.effect);
  parts.trail.ends(effect === "allow" ? "allow" : "deny", effect === "allow" ? undefined : NOT_IN_POLICY);
  if (effect === "allow") return { output };
  const failure: Failure = { type: "ACCESS_DENIED", message: denialMessage(effect, parts.settings) };
  return { failure, variables: { ...variables, ...authorizerVariables(output) } };
}

/** The effect of a resource policy on a request; undefined if there is none. */
function evaluateResourcePolicy(api: RestApi, request: GatewayRequest): Evaluation | undefined {
  if (api.resourcePolicy === undefined) return undefined;
  const resource = methodArn(api, request);
  return evaluate(api.resourcePolicy, { resource, context: conditionKeys(request) }, "resource");
}

/**
 * Combines the effects of the authorizer's policy and the resource policy within one account (same page of the guide,
 * table A).
 */
function combine(authorizer: Effect, resource: Effect | undefined): Effect {
  if (authorizer === "explicit-deny" || resource === "explicit-deny") return "explicit-deny";
  return authorizer === "allow" || resource === "allow" ? "allow" : "implicit-deny";
}

function resourceDenial(arn: string, explicit: boolean): Failure {
  const hidden = arn.replace(/:(\d{8})(\d{4}):/, ":********$2:");
  const suffix = explicit
    ? " with an explicit deny in a resource-based policy"
    : " because no resource-based policy allows the execute-api:Invoke action";
  return {
    type: "ACCESS_DENIED",
    message: `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${hidden}${suffix}`,
  };
}

const authorizerVariables = ({ context, principalId }: AuthorizerOutput): FailureContext => ({
  ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`authorizer.${name}`, value])),
  "authorizer.principalId": principalId,
});
