import { instantText } from "../../functions/api-keys/schema/key.ts";
import { readKey } from "../../providers/api-key/management/change.ts";
import type { CommandIo } from "../command-io.ts";
import { nowInSeconds } from "./change-of.ts";
import { lastUse } from "./last-use.ts";
import { publicRecord } from "./shown/public-record.ts";
import { shownKey } from "./shown/whole-key.ts";
import { inTable } from "./table.ts";

/** Prints everything that is known of a key but its hashes. */
export async function showKey(id: string, { json }: { readonly json?: boolean }, io: CommandIo): Promise<void> {
  const record = await inTable(io, (table) => readKey(table, id));
  const use = await lastUse(id);
  const now = nowInSeconds();
  if (json) {
    const lastUsedAt = use === "unknown" ? {} : { lastUsedAt: use === "never" ? null : instantText(use.hour) };
    io.stdout.write(`${JSON.stringify({ ...publicRecord(record, now), ...lastUsedAt })}\n`);
  } else io.stdout.write(shownKey(record, use, now, io.stdout));
}
