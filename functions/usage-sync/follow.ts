import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { versionOf } from "../../providers/api-key/record.ts";
import { isRight } from "./drift.ts";
import type { GatewayKey, GatewayKeys } from "./gateway-keys.ts";
import { updateRecord } from "./mend.ts";
import { type Planned, plannedOf, subjectId } from "./subject.ts";

/** Somebody else changed the key at the same time. It is tried again. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** Keeps the records in step with the configuration, one key after the other. */
export interface Follower {
  /**
   * Gives a key the API Gateway key of its owner or tenant, which is created if it is the first.
   *
   * @throws if a service does not answer, or somebody else changes the key at the same time
   */
  follow(keyId: string): Promise<void>;
}

export function follower(planned: readonly Planned[], gateway: GatewayKeys, table: KeyTable): Follower {
  const attached = new Set<string>();
  let listed: Promise<Map<string, GatewayKey>> | undefined;

  /** The API Gateway keys by their subjects: one list for the life of the function. */
  async function known(): Promise<Map<string, GatewayKey>> {
    listed ??= gateway.list().then((keys) => new Map(keys.reverse().map((key) => [key.subjectId, key])));
    try {
      return await listed;
    } catch (error) {
      listed = undefined;
      throw error;
    }
  }

  async function keyOf({ subject, plan }: Planned): Promise<GatewayKey> {
    const keys = await known();
    const id = subjectId(subject);
    const key = keys.get(id) ?? (await gateway.list(subject))[0] ?? (await gateway.create(subject));
    keys.set(id, key);
    // It may have been created by a run that did not come further.
    if (!attached.has(id)) await gateway.attach(key.id, plan).catch(ifThere);
    attached.add(id);
    return key;
  }

  return {
    async follow(keyId) {
      const { record } = await table.get(keyId, new AbortController().signal);
      if (!record || record.status === "revoked") return;
      const own = plannedOf(record, planned);
      const key = own && (await keyOf(own));
      const managed = new Set([...(await known()).values()].map(({ value }) => value));
      if (isRight(record, key, own, managed)) return;
      const outcome = await updateRecord(table, keyId, versionOf(record), key?.value);
      if (outcome === "overtaken") throw new Overtaken();
    },
  };
}

/** A key that is in the plan already, or in another one: `usage sync` says so. */
function ifThere(error: unknown): void {
  if (!(error instanceof Error && error.name === "ConflictException")) throw error;
}
