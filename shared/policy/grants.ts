import { intersectRanges } from "../address/address-range.ts";
import type { RequestSource } from "../authorization-request.ts";
import type { Caller } from "../caller/caller.ts";
import type { Requirement } from "../config/common.ts";
import { METHODS, type RouteRule } from "../config/routes.ts";
import type { PolicyConfig } from "../config/schema.ts";
import { CONNECT } from "./resource-arn.ts";
import { type Interval, nextInterval } from "./time-window.ts";

/** A route rule of the configuration that applies to this caller. */
export interface Grant {
  /** Name of the rule. */
  readonly rule: string;
  readonly effect: "allow" | "deny";
  /** Methods and paths, wildcards and the caller's own values in place. */
  readonly routes: readonly Route[];
  /** Fields of a GraphQL API, as `Type.field`, wildcards in place. Absent: none. */
  readonly fields?: readonly string[];
  /** CIDRs that the rule is limited to. Absent: none. */
  readonly addresses?: readonly string[];
  /** When the rule is open, as far as a policy made now can tell. Empty list: at no such time. Absent: always. */
  readonly intervals?: readonly Interval[];
}

export interface Route {
  readonly method: string;
  readonly path: string;
}

/** The rules that apply to a caller, in the order of the configuration. */
export function grantsFor(caller: Caller, rules: readonly RouteRule[], time: number): Grant[] {
  return rules.filter((rule) => applies(rule, caller)).flatMap((rule) => grantOf(rule, caller, time));
}

function applies(rule: RouteRule, caller: Caller): boolean {
  const providers = caller.principals.map(({ provider }) => provider);
  const issuers = caller.principals.map(({ issuer }) => issuer);
  return (
    satisfies(rule.credentials, providers) &&
    satisfies(rule.scopes, caller.scopes) &&
    satisfies(rule.roles, caller.roles) &&
    (!rule.kind || rule.kind === caller.kind) &&
    (!rule.tenants || (caller.tenant !== undefined && rule.tenants.includes(caller.tenant))) &&
    (!rule.issuers || rule.issuers.some((issuer) => issuers.includes(issuer)))
  );
}

function satisfies(requirement: Requirement | undefined, held: readonly string[]): boolean {
  if (!requirement) return true;
  return "allOf" in requirement
    ? requirement.allOf.every((item) => held.includes(item))
    : requirement.anyOf.some((item) => held.includes(item));
}

function grantOf(rule: RouteRule, caller: Caller, time: number): Grant[] {
  const routes = [...pathRoutes(rule, caller), ...(rule.webSocket ? [{ method: CONNECT, path: "" }] : [])];
  if (routes.length === 0 && !rule.fields) return [];
  const intervals = rule.windows?.flatMap((window) => nextInterval(window, time) ?? []);
  return [
    {
      rule: rule.name,
      effect: rule.effect,
      routes,
      ...(rule.fields && { fields: rule.fields }),
      ...(rule.addresses && { addresses: rule.addresses }),
      ...(intervals && { intervals }),
    },
  ];
}

// A `*` in place of the method would cross the slash behind it, and GET /secret/orders be covered by a rule for /orders.
function pathRoutes({ methods, paths = [], effect }: RouteRule, caller: Caller): Route[] {
  const all = methods === "ANY" ? METHODS : (methods ?? []);
  return paths
    .flatMap((path) => fillPath(path, caller, effect))
    .flatMap((path) =>
      path === "/*" && methods === "ANY" ? [{ method: "*", path }] : all.map((method) => ({ method, path })),
    );
}

/** Characters that stand for themselves in a path and in an ARN alike. */
const SAFE_SEGMENT = /^[A-Za-z0-9._~:@!,;=+-]{1,128}$/;

/**
 * A path with the caller's values in place of its placeholders, each one whole segment. An allowing rule that cannot be filled
 * grants nothing; a denying one denies for every value.
 */
function fillPath(path: string, caller: Caller, effect: "allow" | "deny"): string[] {
  const segments = path.split("/").map((segment) => {
    const [, name] = /^\{(.+)\}$/.exec(segment) ?? [];
    if (name === undefined) return segment;
    const value = placeholderValue(name, caller);
    const usable = value !== undefined && SAFE_SEGMENT.test(value) && value !== "." && value !== "..";
    return usable ? value : effect === "deny" ? "*" : undefined;
  });
  return segments.includes(undefined) ? [] : [segments.join("/")];
}

function placeholderValue(name: string, caller: Caller): string | undefined {
  if (name === "subject") return caller.subject;
  if (name === "client") return caller.client;
  if (name === "tenant") return caller.tenant;
  const attribute = name.slice("attributes.".length);
  return Object.hasOwn(caller.attributes, attribute) ? String(caller.attributes[attribute]) : undefined;
}

/**
 * The addresses that the whole policy is bound to: those every credential allows and, where binding is on and the address is
 * known, the caller's own. Undefined: any. Empty: none.
 */
export function boundAddresses(
  caller: Caller,
  source: RequestSource,
  { bindAddress }: PolicyConfig,
): readonly string[] | undefined {
  const own = bindAddress && source.address !== undefined ? [source.address] : undefined;
  if (!own) return caller.addresses && intersectRanges(caller.addresses, caller.addresses);
  return intersectRanges(caller.addresses ?? own, own);
}
