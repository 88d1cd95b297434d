import { entitlements } from "../../../providers/entitlements/index.ts";
import type {
  EntitlementRecord,
  SubjectRecord,
  TenantRecord,
  TokenRecord,
} from "../../../providers/entitlements/record.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import type { EntitlementStore, Stored } from "../../../providers/entitlements/store.ts";
import { authenticated } from "../../../providers/verdict.ts";
import type { EntitlementsConfig } from "../../../shared/domain/config/entitlements.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { configOf, NOW, user } from "../../fixtures.ts";

const BOOKKEEPING = { version: 1, changeId: "change", createdAt: NOW, changedAt: NOW, changedBy: "carol" };

export const ISSUER = "https://id.example.com";

export const subjectRecord = (fields: Partial<SubjectRecord> = {}): SubjectRecord => ({
  ...{ kind: "subject", issuer: ISSUER, subject: "alice", roles: [], scopes: [] },
  ...BOOKKEEPING,
  ...fields,
});
export const tokenRecord = (fields: Partial<TokenRecord> = {}): TokenRecord => ({
  ...{ kind: "token", issuer: ISSUER, tokenId: "t1" },
  ...BOOKKEEPING,
  ...fields,
});
export const tenantRecord = (fields: Partial<TenantRecord> = {}): TenantRecord => ({
  ...{ kind: "tenant", tenant: "acme" },
  ...BOOKKEEPING,
  ...fields,
});

/** A table in memory, and the keys of each read. */
export function memoryStore(...records: readonly EntitlementRecord[]) {
  const items = new Map<string, Stored>(records.map((record) => [recordKey(record), record]));
  const reads: (readonly string[])[] = [];
  const store: EntitlementStore = {
    async read(keys) {
      reads.push(keys);
      return { stored: new Map(keys.map((key) => [key, items.get(key)])), readAt: instantNow() };
    },
  };
  return {
    store,
    reads,
    put: (record: EntitlementRecord) => void items.set(recordKey(record), record),
    damage: (record: EntitlementRecord) => void items.set(recordKey(record), "damaged"),
  };
}

/** The step for a store. */
export function stepWith(
  store: EntitlementStore,
  section: Partial<EntitlementsConfig> = {},
  config: Partial<SallyportConfig> = {},
) {
  const checked = configOf({ entitlements: { table: "table", ...section }, ...config });
  const step = entitlements(checked, { openStore: async () => store });
  if (!step) throw new Error("no step");
  return step;
}

const { signal } = new AbortController();

export const findingOf = (principal: Principal) => ({
  credential: { scheme: "bearer", value: "credential", location: { in: "header", name: "authorization" } } as const,
  provider: principal.provider,
  verdict: authenticated(principal),
});

/** The verdicts on principals after the step. */
export async function verdictsOn(step: ReturnType<typeof stepWith>, ...principals: readonly Principal[]) {
  const findings = await step.entitle(principals.map(findingOf), signal);
  return findings.map(({ verdict }) => verdict);
}

export const alice = (overrides: Partial<Principal> = {}) => user({ issuedAt: NOW - 100, ...overrides });
