import { type Command, Option } from "commander";
import { MAX_SPAN } from "../../../providers/api-key/management/expiring.ts";
import type { CommandIo } from "../../command-io.ts";
import type { ListOptions } from "../list.ts";
import { durationOf, nameOf, readKeyId, wholeNumberOf } from "../option-values.ts";
import { addPlaceOptions, atPlace, type KeysPlace } from "./place.ts";

/** What `list` shows as the status of a key. */
const LISTED_STATUSES = ["active", "expired", "disabled", "revoked", "damaged"];

/** Adds `sallyport keys list`. */
export function addList(keys: Command, io: CommandIo): void {
  const command = keys
    .command("list")
    .summary("list the keys of an owner or a tenant, those that expire soon, or all")
    .description(
      "Lists keys without their secrets: those of an owner or a tenant, the newest first, or those that expire soon, the " +
        "next first. One of the first four options is needed.",
    )
    .option("--owner <owner>", "the keys of this owner", nameOf("--owner"))
    .option("--tenant <tenant>", "the keys of this tenant", nameOf("--tenant"))
    .option(
      "--expiring-within <time>",
      "the keys that expire in this time from now, such as 30d, up to 400d",
      durationOf("--expiring-within", { max: MAX_SPAN, maxText: "400d" }),
    )
    .addOption(
      new Option("--status <status>", "of these keys those with a status alone; a page may then be shorter").choices(
        LISTED_STATUSES,
      ),
    )
    .option("--all", "all keys, in no order: the whole table is read, and paid for, in the end")
    .option(
      "--limit <number>",
      "keys of a page, 1 to 1000; by default 100",
      wholeNumberOf("--limit", { min: 1, max: 1000 }),
      100,
    )
    .option("--cursor <text>", "where the page before ended, as that page says");
  addPlaceOptions(command)
    .option("--json", "print one JSON object: `keys`, a list of records, and `cursor` if there may be more")
    .action(async (given: ListOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../list.ts")).listKeys(options, own);
    });
}

/** Adds `sallyport keys show`. */
export function addShow(keys: Command, io: CommandIo): void {
  const command = keys
    .command("show")
    .summary("show what a key is and may, and what happened to it")
    .description(
      "Shows everything that is known of a key but its hashes: what it may, and what happened when, and by whom.",
    )
    .argument("<id>", "the key, or its id: its third part, 16 letters and digits", readKeyId);
  addPlaceOptions(command)
    .option("--json", "print one JSON object with the record")
    .action(async (id: string, given: { readonly json?: boolean } & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../show.ts")).showKey(id, options, own);
    });
}
