import { type KeyTable, VersionConflict } from "../../providers/api-key/management/key-table.ts";
import type { Drift, Survey } from "./drift.ts";
import type { GatewayKey, GatewayKeys } from "./gateway-keys.ts";
import { subjectId } from "./subject.ts";

/** One difference, and whether it is mended. */
export interface Mended {
  readonly drift: Drift;
  /** `overtaken`: somebody changed the key at the same time, and the next run looks again. */
  readonly outcome: "mended" | "overtaken" | "impossible";
}

/**
 * Mends what `findDrift` found, in its order: first the keys and plans of API Gateway, then the records that need them,
 * and at last it deletes keys that no record needs.
 */
export async function* mendDrift(
  { drift, keys: known }: Survey,
  gateway: GatewayKeys,
  table: KeyTable,
): AsyncGenerator<Mended> {
  const keys = new Map(known);
  let isSafe = true;
  for (const each of drift) {
    const outcome = await mend(each, keys, gateway, table, isSafe);
    if (each.kind === "wrong_record" && outcome !== "mended") isSafe = false;
    yield { drift: each, outcome };
  }
}

async function mend(
  drift: Drift,
  keys: Map<string, GatewayKey>,
  gateway: GatewayKeys,
  table: KeyTable,
  isSafe: boolean,
): Promise<Mended["outcome"]> {
  switch (drift.kind) {
    case "unknown_plan":
      return "impossible";
    case "missing_key": {
      const key = await gateway.create(drift.subject);
      await gateway.attach(key.id, drift.plan);
      keys.set(subjectId(drift.subject), key);
      return "mended";
    }
    case "wrong_plan":
      // A key cannot be in two plans of one stage, so it leaves the old one first.
      for (const plan of drift.found) if (plan !== drift.plan) await gateway.detach(drift.gatewayKey, plan);
      if (!drift.found.includes(drift.plan)) await gateway.attach(drift.gatewayKey, drift.plan);
      return "mended";
    case "wrong_record": {
      const key = drift.subject && keys.get(subjectId(drift.subject));
      if (drift.subject && !key) return "impossible";
      return updateRecord(table, drift.keyId, drift.version, key?.value);
    }
    case "left_over_key":
      // A record may still have its value.
      if (!isSafe) return "overtaken";
      await gateway.remove(drift.gatewayKey);
      return "mended";
  }
}

/** Gives a record an API Gateway key, or takes it away, unless somebody else was first. */
export async function updateRecord(
  table: Pick<KeyTable, "assignUsage">,
  id: string,
  version: number,
  usageIdentifierKey: string | undefined,
): Promise<"mended" | "overtaken"> {
  try {
    await table.assignUsage(id, version, usageIdentifierKey);
    return "mended";
  } catch (error) {
    if (error instanceof VersionConflict) return "overtaken";
    throw error;
  }
}
