import type { ApiKind } from "../../functions/authorizer/api-kinds/kind.ts";
import { type Evaluation, evaluate } from "../../iam/evaluate.ts";
import type { Api } from "../../local/gateway/api.ts";
import type { Caller } from "../../shared/domain/caller/caller.ts";
import { instant } from "../../shared/domain/policy/document.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { CONNECT, type ResourceArn, resourceOnStage } from "../../shared/domain/resource/arn.ts";

/** What the policy says about one route. */
export interface ExplainedRoute {
  readonly api: string;
  readonly method: string;
  readonly path: string;
  /** `open`: no authorizer is asked about it. */
  readonly effect: Evaluation["effect"] | "open";
  /** The statement or condition that decided, for people. */
  readonly why: string;
}

/** What the policy says of every route of the APIs, and of the requested one. AppSync has no routes. */
export function explainRoutes(
  policy: unknown,
  apis: readonly Api[],
  kind: ApiKind["name"],
  { resource, source, time }: AuthorizationRequest,
  caller: Caller | undefined,
): ExplainedRoute[] {
  if (!policy || "graphqlApi" in resource) return [];
  return routesOf(apis, kind, resource, caller).map(({ isOpen, ...route }) => ({
    ...route,
    ...(isOpen
      ? { effect: "open" as const, why: "no authorizer is asked" }
      : judge(policy, resourceOnStage(resource, route.method, route.path), source, time)),
  }));
}

/**
 * The routes of all APIs of the event's kind. Parameters have the caller's values, or samples. The requested route is
 * always listed.
 */
function routesOf(
  apis: readonly Api[],
  kind: ApiKind["name"],
  { method: asked, path: own }: ResourceArn,
  caller: Caller | undefined,
) {
  const wanted = gatewayKind(kind, asked);
  const listed = apis.filter((api) => api.kind === wanted).flatMap((api) => routesOfApi(api, caller));
  const isListed = listed.some(({ method, path }) => method === asked && path === own);
  return isListed ? listed : [{ api: "this request", method: asked, path: own, isOpen: false }, ...listed];
}

function gatewayKind(kind: ApiKind["name"], method: string): Api["kind"] {
  if (method === CONNECT) return "websocket";
  return kind.startsWith("http") ? "http" : "rest";
}

function routesOfApi(api: Api, caller: Caller | undefined) {
  if (api.kind === "websocket") return [{ api: api.name, method: CONNECT, path: "", isOpen: false }];
  return api.routes.map(({ method, path, authorizer, jwt }) => ({
    isOpen: authorizer === undefined && jwt === undefined,
    api: api.name,
    method: method === "ANY" ? "GET" : method,
    path: filled(path, caller),
  }));
}

function filled(path: string, caller: Caller | undefined): string {
  const values = new Map([
    ["tenant", caller?.tenant],
    ["subject", caller?.subject],
    ["user", caller?.subject],
    ["client", caller?.client],
  ]);
  return path.replace(/\{(\w+)\+?\}/g, (_, name: string) => values.get(name) ?? `some-${name}`);
}

function judge(
  policy: unknown,
  resource: string,
  source: { readonly address?: string; readonly viaVpcEndpoint: boolean },
  time: number,
) {
  const key = source.viaVpcEndpoint ? "aws:vpcsourceip" : "aws:sourceip";
  const context = { "aws:currenttime": instant(time), ...(source.address !== undefined && { [key]: source.address }) };
  const { effect, statement, conditions = [], failed } = evaluate(policy, { resource, context });
  const texts = [...conditions, ...(failed ? [failed.condition] : [])].map(
    (each) => `${each.operator} ${each.key} ${each.values.join(", ")}`,
  );
  const by = decidedBy(statement, failed);
  return { effect, why: texts.length > 0 ? `${by}: ${texts.join(" and ")}` : by };
}

function decidedBy(statement: Evaluation["statement"], failed: Evaluation["failed"]): string {
  if (statement) return `statement ${statement.index}`;
  return failed ? `statement ${failed.statement} does not hold` : "no statement allows it";
}
