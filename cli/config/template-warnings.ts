import type { Api, Route } from "../../local/gateway/api.ts";
import { readStack } from "../../local/gateway/template/read.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { haveCommonPath } from "./common-path.ts";
import type { Warning } from "./warnings.ts";

/** What the comparison of rules and routes found. */
export interface TemplateFindings {
  readonly warnings: readonly Warning[];
  readonly notes: readonly Warning[];
}

/**
 * Compares the rules with the routes of a SAM template, both ways: routes with a Lambda authorizer that no rule opens,
 * and rules for which there is no route.
 *
 * @throws {StackError} if the template cannot be read
 */
export async function templateFindings({ routes: rules }: Config, file: string): Promise<TemplateFindings> {
  const { apis } = await readStack(file);
  const served = apis.flatMap((api) => (api.kind === "websocket" ? [] : api.routes.map((route) => ({ api, route }))));
  const allowing = rules.filter(({ effect }) => effect === "allow");
  const said = ({ api, route }: Served) => `${file}: ${api.name}: ${route.method} ${route.path}`;
  return {
    warnings: [
      ...served
        .filter(({ route }) => route.authorizer !== undefined && !allowing.some((rule) => opens(rule, route)))
        .map((each) => ({ path: said(each), message: "no rule opens this route: whoever calls it gets 403" })),
      ...apis
        .filter((api) => api.kind === "websocket" && api.authorizer && !allowing.some(({ webSocket }) => webSocket))
        .map(({ name }) => ({ path: `${file}: ${name}`, message: "no rule has webSocket: nobody can connect" })),
      ...rules.flatMap((rule, index) =>
        withoutRoute(rule, apis, served).map((message) => ({ path: `routes[${index}] (${rule.name})`, message })),
      ),
    ],
    notes: served
      .filter(({ route }) => route.authorizer === undefined)
      .map((each) => ({ path: said(each), message: "no Lambda authorizer: the rules do not matter here" })),
  };
}

interface Served {
  readonly api: Exclude<Api, { kind: "websocket" }>;
  readonly route: Route;
}

function opens({ methods, paths = [] }: RouteRule, route: Route): boolean {
  const isMethod = methods === "ANY" || route.method === "ANY" || methods?.some((method) => method === route.method);
  return Boolean(isMethod) && paths.some((path) => haveCommonPath(path, route.path));
}

/** A denial for a route that is not there is harmless, and often meant for later. */
function withoutRoute(rule: RouteRule, apis: readonly Api[], served: readonly Served[]): string[] {
  if (rule.effect === "deny") return [];
  const isServed = (path: string) => served.some(({ route }) => opens({ ...rule, paths: [path] }, route));
  const stages = [...new Set(apis.map(({ stage }) => stage))];
  return [
    ...(rule.paths ?? [])
      .filter((path) => !isServed(path))
      .map((path) => {
        const stage = stages.find((name) => path.startsWith(`/${name}/`) && isServed(path.slice(name.length + 1)));
        const hint = stage === undefined ? "" : `; paths have no stage, and "${path.slice(stage.length + 1)}" has one`;
        return `"${path}": the template has no route for it${hint}`;
      }),
    ...(rule.webSocket && !apis.some(({ kind }) => kind === "websocket") ? ["the template has no WebSocket API"] : []),
  ];
}
