import type { Changed } from "../../providers/api-key/management/change.ts";
import { disableKey, enableKey } from "../../providers/api-key/management/status.ts";
import { versionOf } from "../../providers/api-key/record.ts";
import type { CommandIo } from "../command-io.ts";
import { cacheNote } from "./cache-note.ts";
import { type ChangeOptions, changeOf, nowInSeconds } from "./change-of.ts";
import { genuineId } from "./genuine-id.ts";
import { publicRecord } from "./shown/public-record.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys disable` and `enable`. */
export interface StatusOptions extends ChangeOptions {
  readonly ifVersion?: number;
  readonly json?: boolean;
}

const ACTIONS = { disable: disableKey, enable: enableKey };

/** Suspends a key, or ends its suspension. */
export async function setStatus(
  action: keyof typeof ACTIONS,
  given: string,
  options: StatusOptions,
  io: CommandIo,
): Promise<void> {
  const { ifVersion: expected, json } = options;
  const id = await genuineId(given, io);
  const changed: Changed = await inTable(io, (table) =>
    ACTIONS[action](table, id, changeOf(options), expected === undefined ? {} : { expected }),
  );
  const { record, isChanged } = changed;
  if (json) io.stdout.write(`${JSON.stringify(publicRecord(record, nowInSeconds()))}\n`);
  const status = record.status === "active" ? "enabled" : record.status;
  io.stderr.write(`Key ${id} is ${status}${isChanged ? "" : " already"}, version ${versionOf(record)}.\n`);
  if (action === "disable") io.stderr.write(cacheNote());
}
