import type { Command } from "commander";
import type { CommandIo, End } from "../../command-io.ts";
import type { ExportOptions } from "../transfer/export.ts";
import type { ImportOptions } from "../transfer/import.ts";
import { addChangeOptions, addPlaceOptions, atPlace, type KeysPlace } from "./place.ts";

/** Adds `sallyport keys export`, `import` and `reindex`. */
export function addTransferCommands(keys: Command, io: CommandIo, end: End): void {
  const exporting = keys
    .command("export")
    .summary("write all records as JSON lines, with hashes and without keys")
    .description(
      "Writes all records as JSON lines, with hashes and without keys, so that another table with the same peppers can " +
        "take them. It reads the whole table.",
    )
    .option(
      "--file <file>",
      "write this file, and go on where an interrupted export stopped; by default standard output",
    )
    .option("--restart", "begin anew in place of going on");
  addPlaceOptions(exporting).action(async (given: ExportOptions & KeysPlace) => {
    const { options, io: own } = await atPlace(given, io);
    end(await (await import("../transfer/export.ts")).exportKeys(options, own));
  });
  const importing = keys
    .command("import")
    .summary("take the records of an export")
    .description(
      "Takes the records of an export into the table. What is there already counts as done, so that it goes on where it " +
        "stopped; what is there and differs is named and left as it is, and so are deleted keys and damaged lines.",
    )
    .argument("<file>", "a file of `keys export`; - is standard input")
    .option("--dry-run", "read and compare everything, and change nothing")
    .option("--restore-deleted", "bring back keys that were deleted from this table, as they are in the file");
  addPlaceOptions(addChangeOptions(importing))
    .option("--json", "print one JSON object with what was added, was there, differs, is deleted and is damaged")
    .action(async (file: string, given: ImportOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      end(await (await import("../transfer/import.ts")).importKeys(file, options, own));
    });
  const reindexing = keys
    .command("reindex")
    .summary("put keys of before there were indexes into them, once")
    .description(
      "Puts keys that were issued before the table had its indexes into the index of ends. It reads the whole table, once. " +
        "It may be interrupted and repeated.",
    )
    .option("--dry-run", "count them, and change nothing");
  addPlaceOptions(reindexing)
    .option("--json", "print one JSON object with the counts")
    .action(async (given: ImportOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../reindex.ts")).reindex(options, own);
    });
}
