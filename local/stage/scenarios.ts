import { APIS, type ApiName } from "../events/apis.ts";
import type { LocalRequest } from "../events/request.ts";
import { LOCAL } from "./configuration.ts";
import type { Issuers } from "./issuers.ts";
import { ALLOWED } from "./scenarios/allowed.ts";
import { DENIED } from "./scenarios/denied.ts";
import { REFUSED } from "./scenarios/refused.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { UNAVAILABLE } from "./scenarios/unavailable.ts";

export type { Scenario } from "./scenarios/scenario.ts";

/** All scenarios of the demo, the commands and the end-to-end tests, with their expected outcomes. */
export const SCENARIOS: readonly Scenario[] = [...ALLOWED, ...DENIED, ...REFUSED, ...UNAVAILABLE];

/** The headers of a scenario's request. */
export async function requestHeaders(kind: string, issuers: Issuers): Promise<Record<string, string>> {
  const scenario = SCENARIOS.find((candidate) => candidate.kind === kind);
  if (!scenario) throw new Error(`There is no scenario "${kind}".`);
  const { method = "GET", path = "/whoami" } = scenario;
  return scenario.headers(issuers, { method, url: urlOf(path) });
}

/**
 * The event of a scenario, with fresh credentials.
 *
 * @param time the event's time, in seconds since the epoch
 * @param request replaces parts of the scenario's own request
 */
export async function eventFor(
  scenario: Scenario,
  issuers: Issuers,
  time: number,
  { api = scenario.api ?? "rest-request", ...request }: Partial<LocalRequest> & { api?: ApiName | undefined } = {},
) {
  const path = request.path ?? scenario.path ?? "/whoami";
  const method = request.method ?? scenario.method ?? "GET";
  const stage = request.stage ?? "prod";
  const whole: LocalRequest = {
    method,
    path,
    resource: resourceOf(path),
    address: "203.0.113.7",
    stage,
    time,
    vpcEndpoint: scenario.vpcEndpoint,
    headers: await scenario.headers(issuers, { method, url: urlOf(path, stage) }),
    ...request,
  };
  return APIS[api].eventOf(whole);
}

/** The URL by which the local API is called. */
const urlOf = (path: string, stage = "prod") => `${LOCAL.origin}${stage === "$default" ? "" : `/${stage}`}${path}`;

/** The resource of the API that serves a path. */
function resourceOf(path: string): string {
  return path.replace(/^\/tenants\/[^/]+\//, "/tenants/{tenant}/").replace(/^\/admin\/.+/, "/admin/{path+}");
}
