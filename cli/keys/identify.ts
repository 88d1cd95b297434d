import { graceEnd } from "../../providers/api-key/management/grace.ts";
import type { CommandIo } from "../command-io.ts";
import { isAgreed } from "../consent.ts";
import { EXIT } from "../exit-code.ts";
import { columns } from "../explain/text/layout.ts";
import { UsageError } from "../usage-error.ts";
import { type ChangeOptions, nowInSeconds } from "./change-of.ts";
import { type Identified, identifiedIn, isGenuine } from "./identified.ts";
import { revokeOne } from "./revoke.ts";
import { problemText, secretText } from "./shown/identified-text.ts";
import { publicRecord, stateOf } from "./shown/public-record.ts";
import { safeText } from "./shown/safe-text.ts";
import { eventText, shownEnd } from "./shown/times.ts";
import { inTable } from "./table.ts";

/** Options of `sallyport keys identify`. */
export interface IdentifyOptions extends ChangeOptions {
  readonly json?: boolean;
}

/** The longest text in which a key is looked for. */
const MAX_LENGTH = 65_536;

/** Says which key a text is, and offers to revoke it. Returns the exit code. */
export async function identify(given: string | undefined, options: IdentifyOptions, io: CommandIo): Promise<number> {
  const text = given ?? (await textFrom(io));
  const now = nowInSeconds();
  const found = await inTable(io, (table, config) => identifiedIn(text, table, config, now));
  if (options.json) {
    const { record, ...said } = found;
    io.stdout.write(`${JSON.stringify({ ...said, ...(record && { record: publicRecord(record, now) }) })}\n`);
  } else {
    io.stdout.write(linesOf(found, now));
    await offerRevocation(found, options, io);
  }
  return isGenuine(found) ? EXIT.done : EXIT.failed;
}

/** A person is asked; without one, standard input is read. @throws {UsageError} if there is nothing */
async function textFrom({ person, stdin }: CommandIo): Promise<string> {
  if (person) return person.ask("The string (it is not shown): ", true);
  let text = "";
  for await (const chunk of stdin ?? []) {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    if (text.length > MAX_LENGTH) throw new UsageError("The text is too long: give one string, or a line around it.");
  }
  if (text.trim() !== "") return text;
  throw new UsageError("Which string? Give it on standard input, or as an argument.");
}

function linesOf(found: Identified, now: number): string {
  const { id, prefix, environment, problem, secret, record } = found;
  const rows = [
    ...(id === undefined ? [] : [["id", id]]),
    ...(prefix === undefined ? [] : [["prefix", prefix]]),
    ...(environment === undefined ? [] : [["environment", environment]]),
    ...(secret === undefined ? [] : [["secret", secretText(found, now)]]),
    ...(record ? factsOf(record, now) : []),
  ];
  return [...columns(rows), ...(problem === undefined ? [] : [problemText(problem)]), ""].join("\n");
}

function factsOf(record: NonNullable<Identified["record"]>, now: number): string[][] {
  const { name, owner, tenant, revokedAt, revokedBy, revokeReason, expiresAt } = record;
  const graceEnds = graceEnd(record, now);
  const state = stateOf(record, now);
  return [
    ["name", safeText(name)],
    ["owner", safeText(owner ?? "-")],
    ["tenant", safeText(tenant ?? "-")],
    ["status", revokedAt === undefined ? state : `${state} ${eventText(revokedAt, revokedBy, revokeReason)}`],
    ["expires", expiresAt === undefined ? "never" : shownEnd(expiresAt, now)],
    ...(graceEnds === undefined ? [] : [["previous secret ends", shownEnd(graceEnds, now)]]),
  ];
}

/** Only what proves that the holder has the key is a reason to end it: an id alone is known to many. */
async function offerRevocation(found: Identified, options: IdentifyOptions, io: CommandIo): Promise<void> {
  const { target = "" } = io;
  const { id, record, secret } = found;
  if (id === undefined || record === undefined || record.status === "revoked") return;
  if (secret === "ended") return;
  if (!isGenuine(found) || secret === "absent") {
    io.stderr.write(`If you mean this key all the same: sallyport keys revoke ${id}${target}\n`);
    return;
  }
  if (!io.person) io.stderr.write(`To end it for good: sallyport keys revoke ${id}${target}\n`);
  else if (await isAgreed("Revoke it for good?", io)) await revokeOne(id, { ...options, yes: true }, io);
}
