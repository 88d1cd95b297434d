import type { Caller } from "../../shared/domain/caller/caller.ts";
import { identificationOf } from "../../shared/domain/caller/context.ts";
import { mergePrincipals } from "../../shared/domain/caller/merge.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Decision } from "../../shared/domain/decision.ts";
import { denyAll } from "../../shared/domain/policy/compile.ts";
import { type RouteRequest, refusalOf } from "../../shared/domain/policy/covers-request.ts";
import { denyRoute } from "../../shared/domain/policy/deny-route.ts";
import { MAX_RESOURCE_LENGTH, MAX_RESULT_LENGTH } from "../../shared/domain/policy/document.ts";
import { permitFields } from "../../shared/domain/policy/fields.ts";
import { fitPolicy } from "../../shared/domain/policy/fit.ts";
import { boundAddresses, grantsFor } from "../../shared/domain/policy/grants.ts";
import { policyEnd } from "../../shared/domain/policy/policy-end.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";

/**
 * Decides about the principals of a request: they are merged into one caller, whose grants become a policy, or
 * permissions for fields.
 *
 * @throws {TroubleError} `policy_too_large`, `simple_response_cached`
 */
export function decide(request: AuthorizationRequest, principals: readonly Principal[], config: Config): Decision {
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
  const grants = grantsFor(caller, config, { start: request.time, end }, request.resource.stage);
  const addresses = boundAddresses(caller, request.source, config.policy);
  const { explicitDeny } = config.policy;
  const bounds = { end, ...(addresses && { addresses }), explicitDeny };
  const policy = fitPolicy(request, grants, bounds, () => roomFor(caller, config));
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
function roomFor(caller: Caller, { policy: { explicitDeny }, dpop }: Config): number {
  const named = Buffer.byteLength(JSON.stringify(identificationOf(caller, "vpc_endpoint_not_allowed")));
  const denial = explicitDeny ? 0 : MAX_RESOURCE_LENGTH + 256;
  const challenge = dpop?.nonce ? 128 : 0;
  return MAX_RESULT_LENGTH - named - denial - challenge - ',"policyDocument":'.length;
}

/**
 * A yes without conditions must not answer for another route or address: the key of the cache tells them apart, or
 * the function says that there is no cache.
 *
 * @throws {TroubleError} `simple_response_cached`
 */
function demandExactKey(cache: AuthorizationRequest["cache"]): void {
  if (cache?.headers && !cache.isExact) throw new TroubleError("simple_response_cached");
}
