import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { type ApiKey, generateSecret } from "../format.ts";
import { hashApiKey, pepperOf } from "../hash.ts";
import type { KeyRecord } from "../record.ts";
import { type Change, type Changed, changedRecord, changeKey, type VersionOptions } from "./change.ts";
import { EarlierGrace, type KeyTable } from "./key-table.ts";
import { demandNotRevoked } from "./status.ts";

/** Seconds for which the previous secret is accepted if nothing is said: a day. */
export const DEFAULT_GRACE = 86_400;

/** Longest grace in seconds: 90 days. */
export const MAX_GRACE = 90 * 86_400;

export interface RotateOptions extends VersionOptions {
  /** Seconds for which the previous secret is still accepted, 0 to `MAX_GRACE`. Default: a day. */
  readonly grace?: number;
  /** Whether a secret from before, whose grace is not over, ends at once. */
  readonly endsEarlierGrace?: boolean;
}

/**
 * Makes a new secret for a key. The old one is accepted until its grace ends. If the grace is 0, every earlier
 * secret is refused from now on.
 *
 * @returns the key, which is stored nowhere, and what was changed
 * @throws {ChangeRefused} if the key is revoked
 * @throws {EarlierGrace} if it still has a secret from before, unless `grace` is 0 or `endsEarlierGrace`
 * @throws {VersionConflict}
 */
export async function rotateKey(
  table: KeyTable,
  id: string,
  config: ApiKeysConfig,
  change: Change,
  { grace = DEFAULT_GRACE, endsEarlierGrace = false, ...versions }: RotateOptions = {},
): Promise<Changed & { readonly key: string }> {
  const pepper = config.peppers[0]?.id ?? "";
  const secret = await pepperOf(pepper, config).current();
  let key: ApiKey | undefined;
  const changed = await changeKey(table, id, versions, (before) => {
    demandNotRevoked(before);
    if (grace > 0 && !endsEarlierGrace) demandOneSecret(before, change.time);
    key = generateSecret(config.prefix, before.environment, id);
    return changedRecord(
      before,
      {
        hash: hashApiKey(key.text, secret),
        pepper,
        rotatedAt: change.time,
        previousHash: before.hash,
        previousPepper: before.pepper,
        previousUntil: change.time + grace,
      },
      change,
    );
  });
  return { ...changed, key: key?.text ?? "" };
}

/** A third secret would end the first one without a word. */
function demandOneSecret(record: KeyRecord, time: number): void {
  if ((record.previousUntil ?? 0) > time) throw new EarlierGrace(record);
}
