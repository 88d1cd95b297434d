import { type Entitlements, entitlements } from "../../providers/entitlements/index.ts";
import { type RecordRef, recordKey } from "../../providers/entitlements/record-key.ts";
import type { EntitlementStore, Stored } from "../../providers/entitlements/store.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";

/** The step of the entitlements, and what came to it: a refusal keeps nothing but its reason. */
export interface WatchedEntitlements {
  /** Absent if the configuration has no such section. */
  readonly step?: Entitlements;
  /** What a credential proved, before the step. */
  principalOf(credential: Credential): Principal | undefined;
  /** What the table has, as far as it was asked. */
  storedFor(ref: RecordRef): Stored;
}

/** Makes the step of a configuration, and watches it. */
export function watchedEntitlements(config: Config): WatchedEntitlements {
  const principals = new Map<Credential, Principal>();
  const stored = new Map<string, Stored>();
  const openStore = async (table: string): Promise<EntitlementStore> => {
    const { dynamoDbEntitlements } = await import("../../providers/entitlements/dynamodb-store.ts");
    const store = dynamoDbEntitlements(table);
    return {
      async read(keys, signal) {
        const reading = await store.read(keys, signal);
        for (const [key, each] of reading.stored) stored.set(key, each);
        return reading;
      },
    };
  };
  const step = entitlements(config, { openStore });
  return {
    ...(step && {
      step: {
        name: step.name,
        entitle(findings, signal) {
          for (const { credential, verdict } of findings) {
            if ("principal" in verdict) principals.set(credential, verdict.principal);
          }
          return step.entitle(findings, signal);
        },
      },
    }),
    principalOf: (credential) => principals.get(credential),
    storedFor: (ref) => stored.get(recordKey(ref)),
  };
}
