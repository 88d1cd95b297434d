import { type Finding, verifyAll } from "../../providers/chain.ts";
import type { Entitlements } from "../../providers/entitlements/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { isTooOld } from "../../providers/reading-age.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Decision, Troubled } from "../../shared/domain/decision.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { outsideKey } from "../../shared/domain/request/cache-key.ts";
import { decide } from "./decide.ts";

/** What happened on the way to a decision. Holds credentials: it is never logged whole. */
export interface Trace {
  /** Absent if the event could not be read as a request. */
  readonly request?: AuthorizationRequest;
  readonly findings: readonly Finding[];
  readonly decision: Decision;
}

/** What decides: a configuration, and the providers that it asks for, in the order of the chain. */
export interface Authorizer {
  readonly config: Config;
  readonly providers: readonly Provider[];
  /** What a table says of callers. Needed if the configuration has its section. */
  readonly entitlements?: Entitlements | undefined;
}

/**
 * Takes one request from its credentials to a decision: chain → verdicts → entitlements → caller → grants → policy.
 * Always resolves: trouble is an outcome, not an exception.
 *
 * @param signal aborted when there is no time left for a decision
 */
export async function authorize(
  request: AuthorizationRequest,
  { config, providers, entitlements }: Authorizer,
  signal: AbortSignal,
): Promise<Trace> {
  if (request.credentials.length > config.credentials.maxCount) {
    return { request, findings: [], decision: { outcome: "unauthenticated", reason: "credential_too_many" } };
  }
  let findings: readonly Finding[] = await verifyAll(providers, request, signal);
  try {
    let refused = unresolved(request, findings);
    if (!refused && config.entitlements) {
      // Without the step, a lockout would not count.
      if (!entitlements) throw new TroubleError("entitlements_unavailable");
      findings = await entitlements.entitle(findings, signal);
      refused = unresolved(request, findings);
    }
    const decision = refused ?? decide(request, principalsOf(findings), config);
    return { request, findings, decision: inTime(decision, findings, config) };
  } catch (error) {
    return { request, findings, decision: troubleOf(error) };
  }
}

const principalsOf = (findings: readonly Finding[]): Principal[] =>
  findings.flatMap(({ verdict }) => (verdict.status === "authenticated" ? [verdict.principal] : []));

/**
 * Why there is no caller to decide about. A rejection outweighs trouble: the request is refused whatever the other
 * provider would say.
 */
function unresolved(request: AuthorizationRequest, findings: readonly Finding[]): Decision | undefined {
  const presented = findings.map(({ credential }) => credential);
  const outside = request.cache && outsideKey(presented, request.cache);
  if (outside) return { outcome: "unauthenticated", reason: outside };
  for (const { verdict } of findings) {
    if (verdict.status !== "rejected") continue;
    const { reason, dpopNonce } = verdict;
    return { outcome: "unauthenticated", reason, ...(dpopNonce !== undefined && { dpopNonce }) };
  }
  for (const { verdict } of findings) {
    if (verdict.status === "unavailable")
      return { outcome: "unavailable", reason: verdict.reason, cause: verdict.cause };
  }
  if (findings.length > 0) return undefined;
  const reason = request.credentials.length > 0 ? "credential_unrecognised" : "credential_missing";
  return { outcome: "unauthenticated", reason };
}

/**
 * The decision, unless it rests on what was read too long ago. The record of a key may have changed since, and the
 * cache may have been flushed for that change: a policy must not come into it afterwards. A denial is a policy too. The
 * flushes after a change of entitlements wait for as long as an instance may remember them.
 */
function inTime(decision: Decision, findings: readonly Finding[], { entitlements }: Config): Decision {
  const isPolicy = decision.outcome === "allow" || decision.outcome === "deny";
  const remembered = (entitlements?.maxCacheAge ?? 0) * 1000;
  const isLate = ({ verdict, entitled }: Finding) =>
    ("readAt" in verdict && verdict.readAt !== undefined && isTooOld(verdict.readAt)) ||
    (entitled !== undefined && isTooOld(entitled.readAt, remembered));
  return isPolicy && findings.some(isLate) ? { outcome: "unavailable", reason: "decision_too_late" } : decision;
}

/** The outcome that an error stands for wherever it is thrown. */
export function troubleOf(error: unknown): Troubled {
  return error instanceof TroubleError
    ? { outcome: "unavailable", reason: error.reason, cause: error.cause }
    : { outcome: "unavailable", reason: "internal_error", cause: error };
}
