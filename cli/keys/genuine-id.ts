import { isKeyId } from "../../shared/domain/principal/key-id.ts";
import type { CommandIo } from "../command-io.ts";
import { Failure } from "../failure.ts";
import { nowInSeconds } from "./change-of.ts";
import { identifiedIn, isGenuine } from "./identified.ts";
import { problemText, secretText } from "./shown/identified-text.ts";
import { inTable } from "./table.ts";

/**
 * The id of a key that is to be changed. Of a whole key the secret is checked: ids are known to many, and whoever
 * publishes one with a made-up secret must not end a partner's key.
 *
 * @param given an id or a whole key, by `readKey`
 * @throws {Failure} if the secret is not one that the key accepts, or cannot be checked
 */
export async function genuineId(given: string, io: CommandIo): Promise<string> {
  if (isKeyId(given)) return given;
  const now = nowInSeconds();
  const found = await inTable(io, (table, config) => identifiedIn(given, table, config, now));
  const { id = "", problem } = found;
  if (isGenuine(found)) return id;
  const why = problem === undefined ? `Its secret is ${secretText(found, now)}.` : problemText(problem);
  throw new Failure(`Key ${id}: ${why}\nNothing was changed. If you mean the key all the same, give its id alone.`);
}
