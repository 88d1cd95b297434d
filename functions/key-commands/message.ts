import * as v from "valibot";
import { withoutKeys } from "../../providers/api-key/management/key-in-text.ts";
import { COMMANDS, type Command, type CommandName } from "../../shared/domain/commands/command.ts";
import { allowedOf } from "../../shared/domain/config/allowed.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { CommandRefused } from "./command-refused.ts";

/** Where a command for many keys goes on. Only the function itself writes it: a sender sets no more than the detail. */
const continuation = v.union([
  /**
   * The first or the second pass over all keys, the cursor of its next page, and whether any key was found so far. A
   * message of before that was counted says nothing of it.
   */
  v.strictObject({ pass: v.picklist([1, 2]), cursor: v.optional(v.string()), found: v.optional(v.boolean(), true) }),
  /** One key that was left behind. */
  v.strictObject({ key: v.string() }),
]);

export type Continuation = v.InferOutput<typeof continuation>;

/** What EventBridge says about an event. Senders choose source, detail-type, time and detail. */
const envelope = v.object({
  id: v.pipe(v.string(), v.maxLength(64)),
  /** With the account it is who changed the key, which a record has 256 characters for. */
  source: v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u, "text of 1 to 200 characters")),
  account: v.pipe(v.string(), v.regex(/^\d{12}$/, "the id of an account")),
  time: v.pipe(v.string(), v.isoTimestamp("an ISO 8601 timestamp")),
  "detail-type": v.string(),
  detail: v.unknown(),
  continuation: v.optional(continuation),
});

/** A message of the queue, read. */
export interface Message {
  /** The event's id. */
  readonly id: string;
  readonly command: Command;
  /** Who sent it, by the envelope alone. */
  readonly by: string;
  /** When it was sent, in seconds since the epoch. */
  readonly time: number;
  readonly continuation: Continuation | undefined;
}

/**
 * Reads a message.
 *
 * @throws {CommandRefused} `command_unreadable`, `command_unknown`, `command_invalid`
 */
export function readMessage(body: string): Message {
  const event = v.safeParse(envelope, parsed(body));
  if (!event.success) throw new CommandRefused("command_unreadable", mistakesIn(event.issues));
  const { id, source, account, time, "detail-type": name, detail, continuation: where } = event.output;
  if (!isCommand(name))
    throw new CommandRefused("command_unknown", [`detail-type: ${Object.keys(COMMANDS).join(", ")}`]);
  const read = v.safeParse(COMMANDS[name], isObject(detail) ? detail : undefined);
  if (!read.success) throw new CommandRefused("command_invalid", mistakesIn(read.issues, "detail"));
  return {
    id,
    command: { name, ...read.output } as Command,
    by: withoutKeys(`command:${source}/${account}`),
    time: Math.floor(Date.parse(time) / 1000),
    continuation: where,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

/** Each mistake once, with its place in the event. */
const mistakesIn = (issues: readonly v.BaseIssue<unknown>[], place = "") => [
  ...new Set(issues.map((issue) => mistakeOf(issue, place))),
];

const MISSING = "a value: it is required";

/** @example "detail.owner: text of 1 to 256 characters without control characters" */
function mistakeOf(issue: v.BaseIssue<unknown>, place: string): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  const isUnknown = issue.type === "strict_object" && issue.expected === "never";
  // The name of an unknown field is the sender's text, and may be a key.
  const where = [...(place === "" ? [] : [place]), ...(isUnknown ? ["(unknown field)"] : keys)].join(".");
  const isMissing = issue.type.endsWith("object") && issue.input === undefined;
  const allowed = isUnknown ? "only known fields" : isMissing ? MISSING : allowedOf(issue);
  return `${where || "(root)"}: ${allowed}`;
}
