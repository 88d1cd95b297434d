import { readKey } from "../../providers/api-key/management/change.ts";
import { deleteKey } from "../../providers/api-key/management/status.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent, demandSomebodyToAsk } from "../consent.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "./change-of.ts";
import { publicRecord } from "./shown/public-record.ts";
import { safeText } from "./shown/safe-text.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys delete`. */
export interface DeleteOptions extends ConsentOptions, ChangeOptions {
  readonly json?: boolean;
}

/** Deletes the record of a revoked key. */
export async function deleteRecord(id: string, options: DeleteOptions, io: CommandIo): Promise<void> {
  demandSomebodyToAsk(options, io);
  const record = await inTable(io, async (table) => {
    const found = await readKey(table, id);
    if (found.status === "revoked") {
      await demandConsent(`Delete the record of key ${id} (${safeText(found.name)}), and who revoked it?`, options, io);
    }
    return deleteKey(table, id, changeOf(options));
  });
  if (options.json) io.stdout.write(`${JSON.stringify(publicRecord(record, nowInSeconds()))}\n`);
  io.stderr.write(`The record of key ${id} is deleted.\n`);
}
