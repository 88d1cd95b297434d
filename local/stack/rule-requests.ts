import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { HttpApi, RestApi, Route } from "../gateway/api.ts";

/** A route with a rule that asks for more than whose the request is. */
export interface RuleRequest {
  readonly title: string;
  readonly route: Route;
  /** What the token has to say. */
  readonly claims: Readonly<Record<string, string>>;
  /** Headers beside that of the credential. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * For the rules of an API that look at attributes, at the VPC endpoint or at the stage, a request that fits the rule, and
 * one that does not. Nothing is said of how it ends: other rules may allow it.
 */
export function ruleRequests(api: RestApi | HttpApi, { routes }: Config): RuleRequest[] {
  return routes.flatMap((rule) => {
    const route = api.routes.find((each) => each.authorizer && isFor(rule, each));
    if (rule.effect !== "allow" || !route) return [];
    const claims = { ...scopesOf(rule), ...attributesOf(rule) };
    const to = (title: string, more: Partial<RuleRequest> = {}) => ({ title, route, claims, ...more });
    const [endpoint] = api.kind === "rest" ? (rule.vpcEndpoints ?? []) : [];
    return [
      ...(endpoint === undefined
        ? []
        : [
            to("a user through a VPC endpoint", { headers: { "x-amzn-vpce-id": endpoint } }),
            to("the same through another", { headers: { "x-amzn-vpce-id": "vpce-00000000000000000" } }),
          ]),
      ...(rule.attributes && endpoint === undefined
        ? [
            to(`a user with ${Object.keys(rule.attributes).join(" and ")} as ${rule.name} asks`),
            to("the same without", { claims: scopesOf(rule) }),
          ]
        : []),
      ...(rule.stages && endpoint === undefined ? [to(`a user on the stage ${api.stage}, for ${rule.name}`)] : []),
    ];
  });
}

function isFor({ methods, paths = [] }: RouteRule, route: Route): boolean {
  const isMethod = methods === "ANY" || methods?.some((method) => method === "GET");
  return Boolean(isMethod) && ["GET", "ANY"].includes(route.method) && paths.some((path) => path === route.path);
}

const scopesOf = ({ scopes }: RouteRule): Record<string, string> => {
  const asked = scopes && ("allOf" in scopes ? scopes.allOf : scopes.anyOf.slice(0, 1));
  return asked ? { scope: asked.join(" ") } : {};
};

/** A value that fits each pattern. */
const attributesOf = ({ attributes = {} }: RouteRule): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, [pattern = ""]]) => [name, pattern.replaceAll("*", "any")]),
  );
