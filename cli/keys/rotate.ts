import { graceEnd } from "../../providers/api-key/management/grace.ts";
import { DEFAULT_GRACE, rotateKey } from "../../providers/api-key/management/rotate.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import type { CommandIo } from "../command-io.ts";
import { type ConsentOptions, demandConsent, demandSomebodyToAsk } from "../consent.ts";
import { cacheNote } from "./cache-note.ts";
import { type ChangeOptions, changeOf } from "./change-of.ts";
import { genuineId } from "./genuine-id.ts";
import { stateOf, withSecret } from "./shown/public-record.ts";
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
export async function rotate(given: string, options: RotateKeyOptions, io: CommandIo): Promise<void> {
  const { grace = DEFAULT_GRACE, endEarlierGrace = false, ifVersion, json } = options;
  const isFinal = grace === 0 || endEarlierGrace;
  if (isFinal) demandSomebodyToAsk(options, io);
  const id = await genuineId(given, io);
  // Who has the old secret is locked out, which nothing undoes.
  const question = questionOf(id, grace, endEarlierGrace);
  if (question !== undefined) await demandConsent(question, options, io);
  const change = changeOf(options);
  const { key, record } = await inTable(io, (table, config) =>
    rotateKey(table, id, config, change, { grace, endsEarlierGrace: endEarlierGrace, expected: ifVersion }),
  );
  if (json) io.stdout.write(`${JSON.stringify(withSecret(record, key, change.time))}\n`);
  io.stderr.write(graceLine(record, change.time, io.target));
  if (json) return;
  io.stderr.write("The key with its new secret is shown this once:\n");
  io.stdout.write(`${key}\n`);
}

function graceLine(record: KeyRecord, now: number, target = ""): string {
  const { id, expiresAt = 0 } = record;
  const state = stateOf(record, now);
  if (state === "expired") {
    return (
      `Key ${id} has expired, ${shownEnd(expiresAt, now)}: no secret of it is accepted. ` +
      `\`keys update ${id} --expires-in 90d${target}\` would give it another end.\n`
    );
  }
  const end = graceEnd(record, now);
  if (end === undefined) return `The previous secret of key ${id} is refused from now on. ${cacheNote()}`;
  return state === "disabled"
    ? `Key ${id} is disabled: no secret of it is accepted. The grace of the previous one ends ${shownEnd(end, now)}.\n`
    : `The previous secret of key ${id} is accepted until ${shownEnd(end, now)}.\n`;
}

function questionOf(id: string, grace: number, endsEarlierGrace: boolean): string | undefined {
  if (grace === 0) return `End the present secret of key ${id}, and any earlier one, at once?`;
  return endsEarlierGrace ? `End the secret of key ${id} from before the last rotation at once?` : undefined;
}
