import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Finding } from "../../providers/chain.ts";
import type { LogConfig } from "../../shared/domain/config/schema.ts";
import { KIND_SOURCES, PRINCIPAL_KINDS, type Principal } from "../../shared/domain/principal/principal.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import type { Answer } from "./answer.ts";
import { firstUses, keyIdOf, rememberUses } from "./key-uses.ts";

/** Credentials that a line lists at most: as many as a configuration may accept. One header has room for a thousand. */
const LISTED = 8;

/** Counts one outcome, and logs it unless it is one of the allowed requests that `log.allowed` leaves out. */
export function recordOutcome(answer: Answer, event: unknown, { allowed }: LogConfig): void {
  const { request, findings, decision } = answer.trace;
  const { outcome } = decision;
  const uses = request ? firstUses(findings, request.time) : [];
  const isNeeded = uses.length > 0 || findings.some(hasWarnings);
  const isLeftOut = outcome === "allow" && Math.random() >= allowed && !isNeeded;
  const entry = () => ({ ...entryOf(answer, event), ...(uses.length > 0 && { keyUses: uses }) });
  if (outcome === "unavailable") logger.error(outcome, entry());
  else if (!isLeftOut) logger.info(outcome, entry());
  rememberUses(uses);

  // One dimension a set: each is a view of the same count, and together they stay a few dozen metrics.
  metrics.addDimensions({ outcome });
  const reason = "reason" in decision ? decision.reason : undefined;
  if (reason) metrics.addDimensions({ reason });
  const providers = [...new Set(findings.map(({ provider }) => provider))].sort().join("+");
  if (providers) metrics.addDimensions({ providers });
  metrics.addMetric("Decisions", MetricUnit.Count, 1);
}

/**
 * One line, without anything that the caller wrote. Of a credential only the place, the scheme and the length; of an
 * error only its class and code; of the request what API Gateway made up (ids, stage, route).
 */
function entryOf({ trace, kind }: Answer, event: unknown) {
  const { request, findings, decision } = trace;
  const { outcome } = decision;
  const reason = "reason" in decision ? decision.reason : undefined;
  return {
    outcome,
    ...(reason && { reason }),
    ...(kind && { api: kind.name }),
    ...routeOf(event),
    credentials: request?.credentials.slice(0, LISTED).map((credential) => ({
      scheme: credential.scheme,
      ...credential.location,
      length: credential.value.length,
      ...verdictOn(findings.find((finding) => finding.credential === credential)),
    })),
    ...("grants" in decision && { rules: [...new Set(decision.grants.map(({ rule }) => rule))] }),
    ...("cause" in decision && { cause: causeOf(decision.cause) }),
  };
}

function hasWarnings({ verdict }: Finding): boolean {
  return "warnings" in verdict && verdict.warnings !== undefined && verdict.warnings.length > 0;
}

function verdictOn(finding: Finding | undefined) {
  if (!finding) return {};
  const { provider, verdict } = finding;
  const keyId = keyIdOf(finding);
  return {
    ...{ provider, verdict: verdict.status },
    ...(keyId && { keyId }),
    ...("reason" in verdict && { reason: verdict.reason }),
    ...("principal" in verdict && { ...kindIn(verdict.principal), ...confirmationIn(verdict.principal) }),
    ...("warnings" in verdict && { warnings: verdict.warnings }),
  };
}

/**
 * The kind and what decided it. A provider of one's own may put any text there: what is none of the known words is
 * left out.
 */
function kindIn({ kind, kindFrom }: Principal) {
  const isKnown = kindFrom !== undefined && KIND_SOURCES.includes(kindFrom);
  return { ...(PRINCIPAL_KINDS.includes(kind) && { kind }), ...(isKnown && { kindFrom }) };
}

/** How the sender was confirmed: known words, by `soundVerdict`. */
const confirmationIn = ({ confirmation }: Principal) => (confirmation ? { confirmation } : {});

/** What API Gateway says of the request in its own words: never the path, which the caller writes. */
function routeOf(event: unknown) {
  const { requestContext } = Object(event) as { requestContext?: unknown };
  const { requestId, apiId, stage, httpMethod, resourcePath, routeKey } = Object(requestContext) as Record<
    string,
    unknown
  >;
  return Object.fromEntries(
    Object.entries({ requestId: idOf(requestId), apiId, stage, httpMethod, resourcePath, routeKey }).filter(
      ([, value]) => typeof value === "string" && value.length <= 256,
    ),
  );
}

/**
 * A request's id, if it looks like one of API Gateway's: a client can put another text in its place
 * (`$context.requestId`).
 */
function idOf(requestId: unknown): string | undefined {
  return typeof requestId === "string" && /^[\w-]{1,36}={0,2}$/.test(requestId) ? requestId : undefined;
}
