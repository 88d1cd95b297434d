import { evaluate } from "../../../iam/evaluate.ts";
import type { RestApi } from "../api.ts";
import type { AuthorizerOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import { denialMessage } from "../refusal.ts";
import { type ClientResponse, type GatewayRequest, MAX_BODY } from "../request.ts";
import { matchRoute } from "../route-match.ts";
import type { UsagePlans } from "../usage-plans.ts";
import { askRestAuthorizer, combine, contextVariables, evaluateResourcePolicy, type RestParts } from "./authorize.ts";
import { commonEvent, methodArn, proxyEvent, withoutDropped } from "./event.ts";
import { type Failure, type FailureContext, failureResponse } from "./failure.ts";
import { proxyResponse } from "./response.ts";

/** Bytes of a method ARN that API Gateway passes to an authorizer. */
const MAX_ARN = 1600;

/** Answers a request to a REST API, in the order in which API Gateway goes about it. */
export async function handleRest(
  api: RestApi,
  request: GatewayRequest,
  parts: RestParts & { readonly usagePlans: UsagePlans },
): Promise<ClientResponse> {
  const matched = matchRoute(api.routes, request.method, request.path);
  if (!matched)
    return (
      preflight(api, request) ?? fail({ type: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token" })
    );
  const { route } = matched;
  const arn = methodArn(api, request);
  if (route.authorizer && Buffer.byteLength(arn) > MAX_ARN) {
    return { status: 414, headers: [["Content-Type", "text/plain"]], body: "Request URI too long" };
  }
  const common = commonEvent(api, request, matched);
  const context: FailureContext = contextVariables(common);

  // Before anybody is asked, a resource policy can only refuse.
  const resource = evaluateResourcePolicy(api, request);
  if (resource?.effect === "explicit-deny") return fail(resourceDenial(arn, true), context);

  let output: AuthorizerOutput | undefined;
  const authorizer = route.authorizer === undefined ? undefined : api.authorizers[route.authorizer];
  if (route.authorizer !== undefined && authorizer) {
    const answer = await askRestAuthorizer(route.authorizer, authorizer, api, request, common, parts);
    if ("failure" in answer) return fail(answer.failure, context);
    output = answer.output;
    const verdict = evaluate(output.policyDocument, { resource: arn, context: conditionKeys(request) });
    const effect = combine(verdict.effect, resource?.effect);
    if (effect !== "allow") {
      const message = denialMessage(effect, parts.settings);
      return fail({ type: "ACCESS_DENIED", message }, { ...context, ...authorizerVariables(output) });
    }
  } else if (resource && resource.effect !== "allow") {
    return fail(resourceDenial(arn, false), context);
  }

  const refused = parts.usagePlans.check(api, route, request, output?.usageIdentifierKey);
  if (refused) return fail(refused, context);
  if (request.body.length > MAX_BODY) {
    return fail({ type: "REQUEST_TOO_LARGE", message: "HTTP content length exceeded 10485760 bytes" }, context);
  }
  const event = proxyEvent(
    commonEvent(api, { ...request, headers: withoutDropped(request.headers) }, matched),
    request,
    output && { ...asText(output.context), principalId: output.principalId, integrationLatency: 0 },
  );
  const { result, error } = await parts.functions.invoke(route.function, event);
  const response = error === undefined ? proxyResponse(result, request) : undefined;
  return response ?? fail({ type: "DEFAULT_5XX", message: "Internal server error" }, context);

  function fail(failure: Failure, variables: FailureContext = {}): ClientResponse {
    return failureResponse(failure, api, request, variables);
  }
}

/** What SAM's `Cors` makes of `OPTIONS` on every resource. */
function preflight({ cors, routes }: RestApi, { method, path }: GatewayRequest): ClientResponse | undefined {
  if (method !== "OPTIONS" || !cors) return undefined;
  if (!routes.some((route) => matchRoute([{ ...route, method: "ANY" }], method, path))) return undefined;
  return {
    status: 200,
    headers: [
      ["Content-Type", "application/json"],
      ["Access-Control-Allow-Origin", cors.origin],
      ["Access-Control-Allow-Headers", cors.headers],
      ["Access-Control-Allow-Methods", cors.methods],
    ],
    body: "{}\n",
  };
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

const asText = (context: AuthorizerOutput["context"]) =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));

const authorizerVariables = ({ context, principalId }: AuthorizerOutput): FailureContext => ({
  ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`authorizer.${name}`, value])),
  "authorizer.principalId": principalId,
});
