import { DEFAULT_GRACE, rotateKey } from "../../providers/api-key/management/rotate.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent, demandSomebodyToAsk } from "../consent.ts";
import { cacheNote } from "./cache-note.ts";
import { type ChangeOptions, changeOf } from "./change-of.ts";
import { publicRecord } from "./shown/public-record.ts";
import { shownEnd } from "./shown/times.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys rotate`. */
export interface RotateKeyOptions extends ChangeOptions, ConsentOptions {
  /** Seconds. Default: a day. */
  readonly grace?: number;
  readonly endEarlierGrace?: boolean;
  readonly ifVersion?: number;
  readonly json?: boolean;
}

/** Makes a new secret for a key and prints the key with it. */
export async function rotate(id: string, options: RotateKeyOptions, io: CommandIo): Promise<void> {
  const { grace = DEFAULT_GRACE, endEarlierGrace = false, ifVersion, json } = options;
  // Who has the old secret is locked out, which nothing undoes.
  const question = questionOf(id, grace, endEarlierGrace);
  if (question !== undefined) {
    demandSomebodyToAsk(options, io);
    await demandConsent(question, options, io);
  }
  const change = changeOf(options);
  const { key, record } = await inTable(io, (table, config) =>
    rotateKey(table, id, config, change, { grace, endsEarlierGrace: endEarlierGrace, expected: ifVersion }),
  );
  if (json) io.stdout.write(`${JSON.stringify({ key, ...publicRecord(record) })}\n`);
  const { previousUntil = change.time } = record;
  io.stderr.write(
    previousUntil > change.time
      ? `The previous secret of key ${id} is accepted until ${shownEnd(previousUntil, change.time)}.\n`
      : `The previous secret of key ${id} is refused from now on. ${cacheNote()}`,
  );
  if (json) return;
  io.stderr.write("The key with its new secret is shown this once:\n");
  io.stdout.write(`${key}\n`);
}

function questionOf(id: string, grace: number, endsEarlierGrace: boolean): string | undefined {
  if (grace === 0) return `End the present secret of key ${id} at once?`;
  return endsEarlierGrace ? `End the secret of key ${id} from before the last rotation at once?` : undefined;
}
