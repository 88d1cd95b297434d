import { BoundedMap } from "../../shared/domain/bounded-map.ts";
import type { EntitlementsConfig } from "../../shared/domain/config/entitlements.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { Rejection, Trouble } from "../../shared/domain/reasons/reasons.ts";
import { elapsedSince } from "../../shared/infrastructure/remote/elapsed.ts";
import type { Finding } from "../chain.ts";
import type { Rejected, Unavailable, Verdict } from "../verdict.ts";
import { toleranceOf } from "./clock-tolerance.ts";
import type { Entitled } from "./entitled.ts";
import { type Records, refusalOf, rightsOf, soundOf, type Terms } from "./judge.ts";
import { type Reading, ReadingCache } from "./reading-cache.ts";
import { recordKey } from "./record-key.ts";
import type { EntitlementStore } from "./store.ts";

/** Changes the verdicts on verified credentials to what the table says of their principals. */
export type Entitle = (findings: readonly Finding[], signal: AbortSignal) => Promise<readonly Finding[]>;

/** Subjects whose tenants are remembered at most, so that one read is enough for them. */
const MAX_TENANTS = 1000;

/**
 * The step for one configuration, with what its instance remembers.
 *
 * @param issuers whose clocks may be ahead
 */
export function createEntitle(
  config: EntitlementsConfig,
  store: EntitlementStore,
  issuers: Pick<Config, "jwt" | "saml">,
): Entitle {
  const cache = new ReadingCache(config.maxCacheAge * 1000);
  /** Tenants that only the records of their subjects state. They say what is read, and decide nothing. */
  const tenants = new BoundedMap<string, string>(MAX_TENANTS);

  /** Reads what is not remembered, once. */
  async function readAll(keys: readonly string[], signal: AbortSignal): Promise<Map<string, Reading>> {
    const readings = new Map<string, Reading>();
    for (const key of keys) {
      const known = cache.find(key);
      if (known) readings.set(key, known);
    }
    const missing = [...new Set(keys)].filter((key) => !readings.has(key));
    if (missing.length === 0) return readings;
    const { stored, readAt } = await store.read(missing, signal);
    for (const key of missing) {
      const reading = { stored: stored.get(key), readAt };
      cache.add(key, reading);
      readings.set(key, reading);
    }
    return readings;
  }

  /** The records of all principals in one read; in two if a record has a tenant that this instance did not expect. */
  async function readFor(principals: readonly Principal[], signal: AbortSignal): Promise<Map<string, Reading>> {
    const readings = await readAll(
      principals.flatMap((principal) => keysOf(principal, tenants.get(subjectKey(principal)))),
      signal,
    );
    for (const principal of principals) {
      const tenant = recordedTenant(principal, readings);
      if (tenant !== undefined) tenants.set(subjectKey(principal), tenant);
    }
    const more = principals.flatMap((principal) => keysOf(principal, recordedTenant(principal, readings)));
    const missing = more.filter((key) => !readings.has(key));
    return missing.length === 0 ? readings : new Map([...readings, ...(await readAll(missing, signal))]);
  }

  function judged(finding: Finding, principal: Principal, readings: Map<string, Reading>, isAccompanied: boolean) {
    const tenantKey = tenantKeyOf(principal.tenant ?? recordedTenant(principal, readings));
    const own = [subjectKey(principal), tokenKeyOf(principal), tenantKey].map((key) =>
      key === undefined ? undefined : readings.get(key),
    );
    const [subject, token, tenant] = own.map((reading) => reading?.stored);
    const records: Records = { subject, token, tenant };
    const terms: Terms = { rights: config.rights, clockTolerance: toleranceOf(principal, issuers), isAccompanied };
    const refusal = refusalOf(principal, records, terms);
    if (refusal) return { ...finding, verdict: rejected(refusal) };
    if (Object.values(records).includes("damaged")) {
      return { ...finding, verdict: unavailable("entitlement_record_invalid") };
    }
    const record = soundOf(subject, "subject");
    const entitled = rightsOf(principal, record, terms);
    return {
      ...finding,
      verdict: { ...finding.verdict, principal: entitled } as Verdict,
      entitled: summaryOf(principal, entitled, own, record?.version),
    };
  }

  /**
   * Changes the verdicts on verified credentials to what the table says of their principals: with more rights, refused,
   * or trouble. It never rejects.
   */
  return async (findings, signal) => {
    const principals = findings.flatMap(({ verdict }) => ("principal" in verdict ? verdict.principal : []));
    try {
      const readings = await readFor(principals, signal);
      return findings.map((finding) =>
        "principal" in finding.verdict
          ? judged(finding, finding.verdict.principal, readings, principals.length > 1)
          : finding,
      );
    } catch (error) {
      const trouble = signal.aborted ? unavailable("deadline_exceeded", error) : troubleOf(error);
      return findings.map((finding) => ("principal" in finding.verdict ? { ...finding, verdict: trouble } : finding));
    }
  };
}

// As `providers/verdict.ts` has them. To import that file would put it into a chunk that every bundle loads which
// takes `defineConfig` from the package.
const rejected = (reason: Rejection): Rejected => ({ status: "rejected", reason });
const unavailable = (reason: Trouble, cause?: unknown): Unavailable => ({ status: "unavailable", reason, cause });

const troubleOf = (error: unknown) =>
  error instanceof TroubleError
    ? unavailable(error.reason, error.cause)
    : unavailable("entitlements_unavailable", error);

const subjectKey = ({ issuer, subject }: Principal) => recordKey({ kind: "subject", issuer, subject });

const tokenKeyOf = ({ issuer, tokenId }: Principal) =>
  tokenId === undefined ? undefined : recordKey({ kind: "token", issuer, tokenId });

const tenantKeyOf = (tenant: string | undefined) =>
  tenant === undefined ? undefined : recordKey({ kind: "tenant", tenant });

/** Keys of all records about a principal. @param expected the tenant of its record, if the credential states none */
function keysOf(principal: Principal, expected: string | undefined): string[] {
  const keys = [subjectKey(principal), tokenKeyOf(principal), tenantKeyOf(principal.tenant ?? expected)];
  return keys.filter((key) => key !== undefined);
}

/** The tenant that only the record of a principal states. */
function recordedTenant(principal: Principal, readings: ReadonlyMap<string, Reading>): string | undefined {
  if (principal.tenant !== undefined) return undefined;
  return soundOf(readings.get(subjectKey(principal))?.stored, "subject")?.tenant;
}

function summaryOf(
  before: Principal,
  after: Principal,
  readings: readonly (Reading | undefined)[],
  version: number | undefined,
): Entitled {
  const instants = readings.flatMap((reading) => reading?.readAt ?? []);
  const readAt = instants.reduce((oldest, each) => (elapsedSince(each) > elapsedSince(oldest) ? each : oldest));
  const isNew = (list: readonly string[]) => (item: string) => !list.includes(item);
  return {
    readAt,
    ...(version !== undefined && { version }),
    roles: after.roles.filter(isNew(before.roles)),
    scopes: after.scopes.filter(isNew(before.scopes)),
    ...(before.tenant === undefined && after.tenant !== undefined && { tenant: after.tenant }),
  };
}
