import type { Finding } from "../../providers/chain.ts";
import { verifyAll } from "../../providers/chain.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Caller } from "../../shared/domain/caller/caller.ts";
import { identificationOf } from "../../shared/domain/caller/context.ts";
import { mergePrincipals } from "../../shared/domain/caller/merge.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Decision, Troubled } from "../../shared/domain/decision.ts";
import { denyAll } from "../../shared/domain/policy/compile.ts";
import { type RouteRequest, refusalOf } from "../../shared/domain/policy/covers-request.ts";
import { denyRoute } from "../../shared/domain/policy/deny-route.ts";
import { MAX_RESOURCE_LENGTH, MAX_RESULT_LENGTH } from "../../shared/domain/policy/document.ts";
import { permitFields } from "../../shared/domain/policy/fields.ts";
import { fitPolicy } from "../../shared/domain/policy/fit.ts";
import { boundAddresses, grantsFor } from "../../shared/domain/policy/grants.ts";
import { policyEnd } from "../../shared/domain/policy/policy-end.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { outsideKey } from "../../shared/domain/request/cache-key.ts";

/** What happened on the way to a decision. Holds credentials: it is never logged whole. */
export interface Trace {
  /** Absent if the event could not be read as a request. */
  readonly request?: AuthorizationRequest;
  readonly findings: readonly Finding[];
  readonly decision: Decision;
}

/** Takes one request from its credentials to a decision. Always resolves: trouble is an outcome, not an exception. */
export type Authorize = (request: AuthorizationRequest, signal: AbortSignal) => Promise<Trace>;

/** Builds the way of a request for a configuration: chain → verdicts → caller → grants → policy. */
export function createAuthorize(config: Config, providers: readonly Provider[]): Authorize {
  return async (request, signal) => {
    if (request.credentials.length > config.credentials.maxCount) {
      return { request, findings: [], decision: { outcome: "unauthenticated", reason: "credential_too_many" } };
    }
    const findings = await verifyAll(providers, request, signal);
    try {
      return {
        request,
        findings,
        decision: unresolved(request, findings) ?? decide(request, findings, config),
      };
    } catch (error) {
      return { request, findings, decision: troubleOf(error) };
    }
  };
}

/** Why there is no caller to decide about. A rejection outweighs trouble: the request is refused whatever the other provider would say. */
function unresolved(request: AuthorizationRequest, findings: readonly Finding[]): Decision | undefined {
  const presented = findings.map(({ credential }) => credential);
  const outside = request.cache && outsideKey(presented, request.cache);
  if (outside) return { outcome: "unauthenticated", reason: outside };
  for (const { verdict } of findings) {
    if (verdict.status === "rejected") return { outcome: "unauthenticated", reason: verdict.reason };
  }
  for (const { verdict } of findings) {
    if (verdict.status === "unavailable")
      return { outcome: "unavailable", reason: verdict.reason, cause: verdict.cause };
  }
  if (findings.length > 0) return undefined;
  const reason = request.credentials.length > 0 ? "credential_unrecognised" : "credential_missing";
  return { outcome: "unauthenticated", reason };
}

function decide(request: AuthorizationRequest, findings: readonly Finding[], config: Config): Decision {
  const principals = findings.flatMap(({ verdict }) => (verdict.status === "authenticated" ? [verdict.principal] : []));
  const merged = mergePrincipals(principals, config.merge);
  if ("conflict" in merged) {
    const { resource } = request;
    const policy = "graphqlApi" in resource ? undefined : denyAll(resource);
    return { outcome: "deny", reason: merged.conflict, grants: [], ...(policy && { policy }) };
  }
  const { resource } = request;
  return "graphqlApi" in resource
    ? decideFields(merged.caller, request, config)
    : decideRoute(merged.caller, { ...request, resource }, config);
}

function decideFields(caller: Caller, request: AuthorizationRequest, config: Config): Decision {
  const end = policyEnd(caller, request, config.policy);
  const grants = grantsFor(caller, config, { start: request.time, end });
  // No condition can hold a GraphQL API to the addresses that a credential is limited to.
  if (caller.addresses) return { outcome: "deny", reason: "address_not_allowed", caller, grants };
  const fields = permitFields(request, grants, config.appSync?.fields ?? [], end);
  return fields
    ? { outcome: "allow", caller, grants, fields }
    : { outcome: "deny", reason: "route_not_granted", caller, grants };
}

function decideRoute(caller: Caller, request: AuthorizationRequest & RouteRequest, config: Config): Decision {
  const end = policyEnd(caller, request, config.policy);
  const grants = grantsFor(caller, config, { start: request.time, end });
  const addresses = boundAddresses(caller, request.source, config.policy);
  const { explicitDeny } = config.policy;
  const bounds = { end, ...(addresses && { addresses }), explicitDeny };
  const policy = fitPolicy(request, grants, bounds, () => roomFor(caller, explicitDeny));
  const reason = refusalOf(request, grants, addresses, !request.simple);
  if (!reason) {
    if (request.simple) demandExactKey(request.cache);
    return { outcome: "allow", caller, grants, policy };
  }
  // A denying rule has its own statements, with its own limits.
  const isSaid = explicitDeny || reason === "route_denied";
  return {
    outcome: "deny",
    reason,
    caller,
    grants,
    policy: isSaid ? policy : denyRoute(policy, request, grants, addresses),
  };
}

/** Bytes that a result has for its policy: less what names the caller, and what a refusal adds. */
function roomFor(caller: Caller, explicitDeny: boolean): number {
  const named = Buffer.byteLength(JSON.stringify(identificationOf(caller, "address_not_allowed")));
  const denial = explicitDeny ? 0 : MAX_RESOURCE_LENGTH + 256;
  return MAX_RESULT_LENGTH - named - denial - ',"policyDocument":'.length;
}

/**
 * A yes without conditions must not answer for another route or address: the key of the cache tells them apart, or the function says that there is no cache.
 *
 * @throws {TroubleError} `simple_response_cached`
 */
function demandExactKey(cache: AuthorizationRequest["cache"]): void {
  if (cache?.headers && !cache.isExact) throw new TroubleError("simple_response_cached");
}

/** The outcome that an error stands for wherever it is thrown. */
export function troubleOf(error: unknown): Troubled {
  return error instanceof TroubleError
    ? { outcome: "unavailable", reason: error.reason, cause: error.cause }
    : { outcome: "unavailable", reason: "internal_error", cause: error };
}
