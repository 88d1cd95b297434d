import type { Caller } from "../../shared/domain/caller/caller.ts";
import { identificationOf } from "../../shared/domain/caller/context.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { compilePolicy } from "../../shared/domain/policy/compile.ts";
import { grantsFor } from "../../shared/domain/policy/grants.ts";
import { openIntervals } from "../../shared/domain/policy/time-window.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";

/** A sample identifier with the length of a UUID, which most issuers use. */
const VALUE = "x".repeat(36);

/** An ARN made of the longest common names of partition, region and stage. */
export const LARGEST_RESOURCE = {
  api: "arn:aws-us-gov:execute-api:ap-northeast-1:000000000000:abcdefghij",
  stage: "production",
  method: "GET",
  path: "/",
};

const HOUR = 3600;
const WEEK = 7 * 24 * HOUR;

/** Upper limit of the instants within a week at which policies are measured. */
const MAX_SAMPLES = 500;

/**
 * Sizes in bytes of the largest results that a configuration is likely to produce; infinite if a resource is too long.
 */
export interface Estimate {
  /** Size of a policy that is valid for an hour, with every window that opens or closes in that hour. */
  readonly whole: number;
  /** Size of a policy that ends when the next window opens or closes. At least this must fit into a result. */
  readonly shortest: number;
  /**
   * Of the latter where the caller's address is not known, as for TOKEN authorizers: it names the addresses of all
   * rules.
   */
  readonly withoutAddress: number;
}

/**
 * Measures the results for a caller to whom every rule applies, with identifiers of 36 characters, at every instant of
 * a week at which a window opens or closes.
 *
 * @param time start of the week in seconds since the epoch
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

/** The start of the week, and for each change of a window within it the second before and the second of the change. */
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

/** A caller with every scope, role and attribute that the rules name. Only the length of the values matters. */
function callerOf({ routes }: Config): Caller {
  const listed = (name: "scopes" | "roles") => [
    ...new Set(routes.flatMap(({ [name]: requirement }) => (requirement ? Object.values(requirement).flat() : []))),
  ];
  const names = routes.flatMap(({ paths }) => (paths ?? []).flatMap(attributeNames));
  const principal: Principal = {
    provider: "jwt",
    subject: VALUE,
    // Only a client has a value for every placeholder.
    kind: "client",
    issuer: "https://identity.example.com/tenant",
    tenant: VALUE,
    scopes: listed("scopes"),
    roles: listed("roles"),
    attributes: Object.fromEntries(names.map((name) => [name, VALUE])),
  };
  return { ...principal, client: VALUE, principals: [principal] };
}

/** Removes the requirements of a rule, because the sample caller meets all of them. */
function withoutRequirements(rule: RouteRule): RouteRule {
  const { credentials, issuers, kind, senderConstrained, tenants, roles, scopes, ...others } = rule;
  const { attributes, authentication, stages, ...rest } = others;
  return rest;
}

const withoutAddresses = ({ addresses: _, ...rest }: RouteRule): RouteRule => rest;

function attributeNames(path: string): string[] {
  return [...path.matchAll(/\{attributes\.([A-Za-z0-9_]+)\}/g)].flatMap(([, name]) => name ?? []);
}
