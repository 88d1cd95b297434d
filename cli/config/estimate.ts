import type { Caller } from "../../shared/domain/caller/caller.ts";
import { identificationOf } from "../../shared/domain/caller/context.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { compilePolicy } from "../../shared/domain/policy/compile.ts";
import { grantsFor } from "../../shared/domain/policy/grants.ts";
import { openIntervals } from "../../shared/domain/policy/time-window.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";

/** A UUID's length: what most issuers use as identifiers. */
const VALUE = "x".repeat(36);

/** Longest names of their kind that AWS has or that are common. */
export const LARGEST_RESOURCE = {
  api: "arn:aws-us-gov:execute-api:ap-northeast-1:000000000000:abcdefghij",
  stage: "production",
  method: "GET",
  path: "/",
};

const HOUR = 3600;
const WEEK = 7 * 24 * HOUR;

/** Instants of a week at which policies are measured, at most. */
const MAX_SAMPLES = 500;

/** Bytes of the largest results that a configuration is likely to produce. Infinite if a resource would be too long. */
export interface Estimate {
  /** Of a policy that holds for an hour, with every window that opens or closes in it. */
  readonly whole: number;
  /** Of a policy that ends where the next window opens or closes: what there has to be room for. */
  readonly shortest: number;
  /** Of the latter where the caller's address is not known, as for TOKEN authorizers: it names the addresses of all rules. */
  readonly withoutAddress: number;
}

/**
 * Measures the results for a caller to whom every rule applies, with identifiers of 36 characters, at every instant of a week at which a
 * window opens or closes.
 *
 * @param time seconds since the epoch: the week's beginning
 */
export function estimateResult(config: Config, time: number): Estimate {
  const withAddresses = config.routes.map(withoutRequirements);
  // Rules for other addresses than the caller's grant nothing while addresses are bound: count them as if they did.
  const rules = config.policy.bindAddress ? withAddresses.map(withoutAddresses) : withAddresses;
  const unbound = { ...config, policy: { ...config.policy, bindAddress: false } };
  const largest = { whole: 0, shortest: 0, withoutAddress: 0 };
  for (const start of instantsOf(rules, time)) {
    const next = instantsOf(rules, start).find((instant) => instant > start) ?? start + HOUR;
    largest.whole = Math.max(largest.whole, lengthOf(config, rules, start, start + HOUR));
    const end = Math.min(next, start + HOUR);
    largest.shortest = Math.max(largest.shortest, lengthOf(config, rules, start, end));
    largest.withoutAddress = Math.max(largest.withoutAddress, lengthOf(unbound, withAddresses, start, end));
  }
  return largest;
}

/** The beginning, and what lies just before and at each change of a window within a week. */
function instantsOf(rules: readonly RouteRule[], time: number): number[] {
  const period = { start: time, end: time + WEEK };
  const changes = rules
    .flatMap(({ windows = [] }) => openIntervals(windows, period))
    .flatMap(({ start, end }) => [start, end]);
  const instants = changes.flatMap((change) => [change - 1, change]).filter((instant) => instant > time);
  return [time, ...[...new Set(instants)].sort((left, right) => left - right).slice(0, MAX_SAMPLES)];
}

function lengthOf(config: Config, rules: readonly RouteRule[], time: number, end: number): number {
  const caller = callerOf(config);
  const request = { credentials: [], resource: LARGEST_RESOURCE, source: { viaVpcEndpoint: false }, time };
  const bounds = {
    end,
    explicitDeny: config.policy.explicitDeny,
    ...(config.policy.bindAddress && { addresses: ["255.255.255.255/32"] }),
  };
  try {
    const grants = grantsFor(caller, { routes: [...rules], merge: config.merge }, { start: time, end });
    const policyDocument = compilePolicy(request, grants, bounds);
    return JSON.stringify({ ...identificationOf(caller), policyDocument }).length;
  } catch (error) {
    if (error instanceof TroubleError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** Somebody who holds all that is asked for: only the length of it counts. */
function callerOf({ routes }: Config): Caller {
  const listed = (name: "scopes" | "roles") => [
    ...new Set(routes.flatMap(({ [name]: requirement }) => (requirement ? Object.values(requirement).flat() : []))),
  ];
  const names = routes.flatMap(({ paths }) => (paths ?? []).flatMap(attributeNames));
  const principal: Principal = {
    provider: "jwt",
    subject: VALUE,
    // A client fills every placeholder.
    kind: "client",
    issuer: "https://identity.example.com/tenant",
    tenant: VALUE,
    scopes: listed("scopes"),
    roles: listed("roles"),
    attributes: Object.fromEntries(names.map((name) => [name, VALUE])),
  };
  return { ...principal, client: VALUE, principals: [principal] };
}

/** The requirements are left aside: this is the caller who meets them all. */
function withoutRequirements(rule: RouteRule): RouteRule {
  const { credentials, issuers, kind, tenants, roles, scopes, ...rest } = rule;
  return rest;
}

const withoutAddresses = ({ addresses: _, ...rest }: RouteRule): RouteRule => rest;

function attributeNames(path: string): string[] {
  return [...path.matchAll(/\{attributes\.([A-Za-z0-9_]+)\}/g)].flatMap(([, name]) => name ?? []);
}
