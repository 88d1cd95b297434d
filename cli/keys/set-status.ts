import { ChangeRefused, VersionConflict } from "../../providers/api-key/management/key-table.ts";
import { disableKey, enableKey, revokeKey } from "../../providers/api-key/management/status.ts";
import type { KeyStatus } from "../../providers/api-key/record.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { inTable } from "./table.ts";

const CHANGES = { active: enableKey, disabled: disableKey, revoked: revokeKey };

/** Changes the status of a key. Returns the exit code. */
export async function setStatus(id: string, status: KeyStatus, io: CommandIo): Promise<number> {
  try {
    const change = { by: "sallyport keys", time: Math.floor(Date.now() / 1000) };
    await inTable<unknown>(io, (table) => CHANGES[status](table, id, change));
    io.stderr.write(`Key ${id} is ${status}.\n`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof VersionConflict || error instanceof ChangeRefused)) throw error;
    io.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
}
