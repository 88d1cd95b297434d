import type { Command } from "commander";
import type { CommandIo, End } from "../../command-io.ts";
import type { DeleteOptions } from "../delete.ts";
import { nameOf, readKey, readKeyId } from "../option-values.ts";
import type { RevokeOptions } from "../revoke.ts";
import type { StatusOptions } from "../set-status.ts";
import {
  addChangeOptions,
  addConsentOption,
  addPlaceOptions,
  addVersionOption,
  atPlace,
  type KeysPlace,
} from "./place.ts";

const ID_TEXT = "the key, or its id: its third part, 16 letters and digits";

/** Adds `sallyport keys disable`, `enable`, `revoke` and `delete`. */
export function addStatusCommands(keys: Command, io: CommandIo, end: End): void {
  addSuspension(keys, "disable", "suspend a key until it is enabled", io);
  addSuspension(keys, "enable", "end the suspension of a key", io);
  addRevoke(keys, io, end);
  addDelete(keys, io);
}

function addSuspension(keys: Command, action: "disable" | "enable", summary: string, io: CommandIo): void {
  const command = keys.command(action).description(summary).argument("<id>", ID_TEXT, readKey);
  addPlaceOptions(addChangeOptions(addVersionOption(command)))
    .option("--json", "print one JSON object with the record")
    .action(async (id: string, given: StatusOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../set-status.ts")).setStatus(action, id, options, own);
    });
}

function addRevoke(keys: Command, io: CommandIo, end: End): void {
  const command = keys
    .command("revoke")
    .summary("end a key, or all keys of an owner or a tenant, for good")
    .description("Ends a key for good, or all keys of an owner or a tenant. It may be repeated.")
    .argument("[id]", ID_TEXT, readKey)
    .option("--owner <owner>", "all keys of this owner", nameOf("--owner"))
    .option("--tenant <tenant>", "all keys of this tenant", nameOf("--tenant"))
    .option("--dry-run", "show what would be revoked, and change nothing");
  addPlaceOptions(addConsentOption(addChangeOptions(addVersionOption(command))))
    .option("--json", "print one JSON object: the record, or the ids that were revoked and those that failed")
    .action(async (id: string | undefined, given: RevokeOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      end(await (await import("../revoke.ts")).revoke(id, options, own));
    });
}

function addDelete(keys: Command, io: CommandIo): void {
  const command = keys
    .command("delete")
    .summary("delete the record of a revoked key")
    .description(
      "Deletes the record of a revoked key, with who revoked it and why. Its id, and who deleted it, stay in the table. " +
        "The table itself deletes expired keys.",
    )
    .argument("<id>", ID_TEXT, readKeyId);
  addPlaceOptions(addConsentOption(addChangeOptions(command)))
    .option("--json", "print one JSON object with the record that was deleted")
    .action(async (id: string, given: DeleteOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../delete.ts")).deleteRecord(id, options, own);
    });
}
