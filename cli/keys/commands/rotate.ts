import type { Command } from "commander";
import { MAX_GRACE } from "../../../providers/api-key/management/rotate.ts";
import type { CommandIo } from "../../command-io.ts";
import { durationOf, readKey } from "../option-values.ts";
import type { RotateKeyOptions } from "../rotate.ts";
import {
  addChangeOptions,
  addConsentOption,
  addPlaceOptions,
  addVersionOption,
  atPlace,
  type KeysPlace,
} from "./place.ts";

/** Adds `sallyport keys rotate`. */
export function addRotate(keys: Command, io: CommandIo): void {
  const command = keys
    .command("rotate")
    .summary("make a new secret for a key and print it")
    .description(
      "Makes a new secret for a key and prints the key on standard output, this once. The id stays. The secret of before " +
        "is accepted until its grace ends.",
    )
    .argument("<id>", "the key, or its id: its third part, 16 letters and digits", readKey)
    .option(
      "--grace <time>",
      "how long the present secret is still accepted: 24h, 7d, or 0 for not at all, up to 90d; by default 24h",
      durationOf("--grace", { isZeroAllowed: true, max: MAX_GRACE, maxText: "90d" }),
    )
    .option("--end-earlier-grace", "end the secret from before the last rotation now, if its grace goes on");
  addPlaceOptions(addConsentOption(addChangeOptions(addVersionOption(command))))
    .option("--json", "print one JSON object with the key and its record")
    .action(async (key: string, given: RotateKeyOptions & KeysPlace) => {
      const { options, io: own } = await atPlace(given, io);
      await (await import("../rotate.ts")).rotate(key, options, own);
    });
}
