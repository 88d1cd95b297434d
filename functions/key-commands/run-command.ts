import { parseApiKey } from "../../providers/api-key/format.ts";
import type { Change } from "../../providers/api-key/management/change.ts";
import { type KeyTable, VersionConflict } from "../../providers/api-key/management/key-table.ts";
import { revokeKey } from "../../providers/api-key/management/status.ts";
import { provenSecret } from "../../providers/api-key/proven-secret.ts";
import { reasonOf } from "../../shared/domain/commands/command.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { isKeyId } from "../../shared/domain/principal/key-id.ts";
import { demand, Refusal } from "../../shared/domain/reasons/errors.ts";
import { CommandRefused, commandReasonOf } from "./command-refused.ts";
import type { Message } from "./message.ts";
import type { CommandResult } from "./result.ts";
import { revokeKeysOf } from "./revoke-keys-of.ts";

/** What a command needs. */
export interface CommandTools {
  readonly config: ApiKeysConfig;
  readonly table: KeyTable;
}

/**
 * Runs a command, or the next part of one. A repetition finds the keys revoked, and changes nothing.
 *
 * @param isLate whether the function has to stop soon
 * @throws {CommandRefused} if the command can never be carried out
 * @throws for everything else that fails: the command is to be tried again
 */
export async function runCommand(
  { command, by, time, continuation }: Message,
  { config, table }: CommandTools,
  isLate: () => boolean,
): Promise<CommandResult> {
  const now = Math.floor(Date.now() / 1000);
  const change: Change = { by, reason: reasonOf(command), time: now };
  switch (command.name) {
    case "RevokeKey":
      return { revoked: await revokeOne(table, await keyIdOf(command.key, table, config, now), change), next: [] };
    case "RevokeKeysOfOwner":
      return revokeKeysOf({ owner: command.owner }, { table, change, time, continuation, isLate });
    case "RevokeKeysOfTenant":
      return revokeKeysOf({ tenant: command.tenant }, { table, change, time, continuation, isLate });
  }
}

async function revokeOne(table: KeyTable, id: string, change: Change): Promise<string[]> {
  try {
    const done = await revokeKey(table, id, change);
    return "damaged" in done || done.isChanged ? [id] : [];
  } catch (error) {
    throw error instanceof VersionConflict && !error.current ? new CommandRefused("key_unknown") : error;
  }
}

/**
 * The id of a key. Of a whole key the secret is verified: the ids of keys are known to many, and whoever publishes one
 * with a made-up secret, where scanners look, must not end the genuine key.
 *
 * @throws {CommandRefused}
 */
async function keyIdOf(text: string, table: KeyTable, config: ApiKeysConfig, now: number): Promise<string> {
  if (isKeyId(text)) return text;
  try {
    const key = parseApiKey(text, config.prefix);
    demand(key.environment === config.environment, "key_environment_mismatch");
    const { record } = await table.get(key.id, new AbortController().signal);
    demand(record, "key_unknown");
    const { until } = await provenSecret(key, record, config, now);
    demand(until === undefined || until > now, "key_secret_replaced");
    return key.id;
  } catch (error) {
    throw error instanceof Refusal ? new CommandRefused(commandReasonOf(error.reason)) : error;
  }
}
