import type { ApiKind } from "../../functions/authorizer/api-kinds/kind.ts";
import { kindOf } from "../../functions/authorizer/api-kinds/kind-of.ts";
import { authorize, type Trace } from "../../functions/authorizer/authorize.ts";
import { type Evaluation, evaluate } from "../../iam/evaluate.ts";
import type { Api } from "../../local/gateway/api.ts";
import { createProviders } from "../../providers/registry.ts";
import type { Caller } from "../../shared/domain/caller/caller.ts";
import { contextOf } from "../../shared/domain/caller/context.ts";
import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { instant } from "../../shared/domain/policy/document.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { CONNECT, type ResourceArn, resourceOnStage } from "../../shared/domain/resource/arn.ts";

/** The steps from an event to a decision. It contains no credential. */
export interface Explanation {
  readonly api: ApiKind["name"];
  /** A description of the cache key. */
  readonly cachedBy: string;
  readonly credentials: readonly {
    readonly scheme: string;
    readonly in: string;
    readonly name: string;
    readonly length: number;
    readonly provider?: string;
    readonly verdict: string;
  }[];
  readonly outcome: string;
  readonly reason?: string;
  readonly caller?: Readonly<Record<string, string | number | boolean>>;
  readonly grants: readonly {
    readonly rule: string;
    readonly effect: string;
    readonly routes: readonly string[];
    readonly fields: readonly string[];
  }[];
  readonly policy?: unknown;
  readonly deniedFields?: readonly string[];
  readonly routes: readonly ExplainedRoute[];
}

/** What the policy says about one route. */
export interface ExplainedRoute {
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly effect: Evaluation["effect"];
  /** The statement or condition that decided, for people. */
  readonly why: string;
}

/**
 * Explaining a one-time assertion does not use it up: the store records nothing and reports each assertion as unused.
 */
const openReplayStore = async () => ({ record: async () => true });

/**
 * Runs an event through the authorizer and returns the result of each step, and the policy's effect on every route.
 *
 * @param apis APIs of the template, whose routes are listed
 * @param time current time in seconds since the epoch
 * @param cache how API Gateway caches the function's answers
 * @throws {TroubleError} `event_not_supported`
 */
export async function explain(
  event: unknown,
  config: Config,
  apis: readonly Api[],
  time: number,
  cache: CacheSettings,
): Promise<Explanation> {
  const kind = kindOf(event);
  const request = kind.read(objectOf(event), time, config, cache);
  const providers = createProviders(config, { openReplayStore });
  const trace = await authorize(request, { config, providers }, AbortSignal.timeout(10_000));
  const { decision } = trace;
  const caller = "caller" in decision ? decision.caller : undefined;
  const { resource, source } = request;
  const policy = "policy" in decision ? decision.policy : undefined;
  return {
    api: kind.name,
    cachedBy: cachedBy(request),
    credentials: credentialsOf(trace),
    outcome: decision.outcome,
    ...("reason" in decision && { reason: decision.reason }),
    ...(caller && { caller: contextOf(caller) }),
    grants: ("grants" in decision ? decision.grants : []).map(({ rule, effect, routes, fields = [] }) => ({
      rule,
      effect,
      routes: routes.map(({ method, path }) => `${method} ${path}`.trim()),
      fields,
    })),
    ...(policy && { policy }),
    ...("fields" in decision && decision.fields && { deniedFields: decision.fields.denied }),
    routes:
      policy && !("graphqlApi" in resource)
        ? routesOf(apis, kind.name, resource, caller).map((route) => ({
            ...route,
            ...judge(policy, resourceOnStage(resource, route.method, route.path), source, time),
          }))
        : [],
  };
}

/** Describes the cache key by names only: its values contain credentials. */
function cachedBy({ cache, resource }: AuthorizationRequest): string {
  if (!cache) return "nothing";
  if ("graphqlApi" in resource) return "the token";
  const named = cache.headers ? [`the headers that the function names: ${cache.headers.join(", ")}`] : [];
  return [...named, ...(cache.values === undefined ? [] : ["the identity sources of the event"])].join(", and ");
}

type Finding = Trace["findings"][number];

function credentialsOf({ request, findings }: Trace): Explanation["credentials"] {
  return (request?.credentials ?? []).map((credential) => {
    const { scheme, location, value } = credential;
    const finding = findings.find((each) => each.credential === credential);
    return {
      scheme,
      ...location,
      length: value.length,
      ...(finding && { provider: finding.provider }),
      verdict: finding ? verdictText(finding.verdict) : withoutVerdict(value, findings),
    };
  });
}

function verdictText(verdict: Finding["verdict"]): string {
  return "reason" in verdict ? `${verdict.status}: ${verdict.reason}` : verdict.status;
}

/** A credential has no verdict of its own if it was sent twice, or if no provider recognises it. */
function withoutVerdict(value: string, findings: readonly Finding[]): string {
  return findings.some((finding) => finding.credential.value === value)
    ? "the same as another"
    : "nobody recognises it";
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
  return isListed ? listed : [{ api: "this request", method: asked, path: own }, ...listed];
}

function gatewayKind(kind: ApiKind["name"], method: string): Api["kind"] {
  if (method === CONNECT) return "websocket";
  return kind.startsWith("http") ? "http" : "rest";
}

function routesOfApi(api: Api, caller: Caller | undefined) {
  if (api.kind === "websocket") return [{ api: api.name, method: CONNECT, path: "" }];
  return api.routes.map(({ method, path }) => ({
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
