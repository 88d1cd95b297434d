import type { Caller } from "../caller/caller.ts";
import { contextOf, principalIdOf } from "../caller/context.ts";
import type { Config } from "../config/schema.ts";
import { TroubleError } from "../reasons/errors.ts";
import { compilePolicy } from "./compile.ts";
import { grantsFor } from "./grants.ts";

/** A UUID's length: what most issuers use as identifiers. */
const VALUE = "x".repeat(36);

/** Longest names of their kind that AWS has or that are common. */
const RESOURCE = {
  api: "arn:aws-us-gov:execute-api:ap-northeast-1:000000000000:abcdefghij",
  stage: "production",
  method: "GET",
  path: "/",
};

/**
 * Bytes of the result for a caller to whom every rule applies, with identifiers of 36 characters: the largest that a configuration is
 * likely to produce. Infinite if a resource would be too long.
 */
export function estimateResultLength(config: Config): number {
  const attributes = new Set(config.routes.flatMap(({ paths }) => (paths ?? []).flatMap(attributeNames)));
  const caller: Caller = {
    subject: VALUE,
    kind: "user",
    issuer: "https://identity.example.com/tenant",
    client: VALUE,
    tenant: VALUE,
    scopes: [...new Set(config.routes.flatMap(({ scopes }) => (scopes ? Object.values(scopes).flat() : [])))],
    roles: [...new Set(config.routes.flatMap(({ roles }) => (roles ? Object.values(roles).flat() : [])))],
    attributes: Object.fromEntries([...attributes].map((name) => [name, VALUE])),
    principals: [],
  };
  // The requirements are left aside: this is the caller who meets them all.
  const rules = config.routes.map(({ name, effect, methods, paths, addresses }) => ({
    name,
    effect,
    ...(methods && { methods }),
    ...(paths && { paths }),
    ...(addresses && { addresses }),
  }));
  const own = ["255.255.255.255/32"];
  const request = { credentials: [], resource: RESOURCE, source: { viaVpcEndpoint: false }, time: 0 };
  const bounds = {
    end: 3600,
    explicitDeny: config.policy.explicitDeny,
    ...(config.policy.bindAddress && { addresses: own }),
  };
  try {
    // Rules for other addresses than the caller's grant nothing while addresses are bound: count them as if they did.
    const open = config.policy.bindAddress ? rules.map(({ addresses: _, ...rule }) => rule) : rules;
    const policyDocument = compilePolicy(request, grantsFor(caller, open, 0), bounds);
    return JSON.stringify({ principalId: principalIdOf(caller), policyDocument, context: contextOf(caller) }).length;
  } catch (error) {
    if (error instanceof TroubleError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function attributeNames(path: string): string[] {
  return [...path.matchAll(/\{attributes\.([A-Za-z0-9_]+)\}/g)].flatMap(([, name]) => name ?? []);
}
