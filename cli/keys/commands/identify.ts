import type { Command } from "commander";
import type { CommandIo, End } from "../../command-io.ts";
import type { IdentifyOptions } from "../identify.ts";
import { addChangeOptions, addPlaceOptions, atPlace, type KeysPlace } from "./place.ts";

/** Adds `sallyport keys identify`. */
export function addIdentify(keys: Command, io: CommandIo, end: End): void {
  const command = keys
    .command("identify")
    .summary("say which key a string is, and offer to revoke it")
    .description(
      "Says which key a string is: its id, whether its checksum and its secret are right, and what the key is. At a " +
        "terminal it offers to revoke it. The secret is not printed. Exits with 0 if its secret is right, " +
        "whatever the key's state, or if it is the id of a key, and with 1 otherwise.",
    )
    .argument("[text]", "the string, or a line around it; without it, standard input, which keeps it out of histories");
  addPlaceOptions(addChangeOptions(command))
    .option("--json", "print one JSON object, and offer nothing")
    .action(async (text: string | undefined, given: IdentifyOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      end(await (await import("../identify.ts")).identify(text, options, own));
    });
}
