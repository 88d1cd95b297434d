import type { KeyStatus } from "../../providers/api-key/record.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { inTable } from "./table.ts";

/** Changes the status of a key. Returns the exit code. */
export async function setStatus(id: string, status: KeyStatus, io: CommandIo): Promise<number> {
  if (await inTable(io, (store) => store.setStatus(id, status))) {
    io.stderr.write(`Key ${id} is ${status}.\n`);
    return EXIT.done;
  }
  io.stderr.write(
    status === "revoked"
      ? "There is no such key in the table.\n"
      : "There is no such key in the table, or it is revoked for good.\n",
  );
  return EXIT.failed;
}
