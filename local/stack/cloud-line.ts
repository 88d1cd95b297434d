import { styleText } from "node:util";
import { redacted } from "../../providers/api-key/management/key-in-text.ts";
import type { CloudRecord, EventPut } from "../cloud/report.ts";
import { clockTime } from "./clock-time.ts";

type Style = Parameters<typeof styleText>[0];

/** Columns of the word that says what happened, as wide as status and outcome of a request. */
const WIDTH = 19;

/** Characters of an event's detail, beyond which its line has no further members. */
const DETAIL = 160;

/**
 * One line about what happened around the functions: an event on a bus with the members of its detail and the rules that
 * it matches, a flush, a delivery that failed, or what was given up.
 */
export function cloudLine(record: CloudRecord, stream: NodeJS.WritableStream = process.stdout): string {
  const paint = (style: Style, text: string) => styleText(style, text, { stream });
  const line = (style: Style, word: string, ...cells: readonly string[]) =>
    [paint("dim", clockTime(record.time)), paint(style, word.padEnd(WIDTH)), ...cells].filter(Boolean).join(" ");
  switch (record.kind) {
    case "event":
      return line("cyan", "event", ...eventCells(record, (text) => paint("dim", text)));
    case "flush":
      return line("cyan", "flush", shown(record.api), paint("dim", shown(record.stage)));
    case "failure":
      return line(
        "red",
        "failed",
        record.function,
        paint("dim", `from ${record.from}`),
        paint("red", shown(record.error)),
      );
    case "given up": {
      const { from, count, reason, kept } = record;
      return line(
        "red",
        "given up",
        `${count} of ${from}:`,
        shown(reason),
        kept === undefined ? "" : paint("dim", `kept in ${kept}`),
      );
    }
  }
}

function eventCells({ bus, detailType, detail, rules }: EventPut, dim: (text: string) => string): string[] {
  const matched = rules.length > 0 ? `rules: ${rules.join(", ")}` : "no rule";
  return [shown(detailType).padEnd(20), dim(bus), membersOf(detail), dim(matched)];
}

/** Members of an event's own, which say nothing that its line does not say. */
const OWN = ["id", "schemaVersion", "time"];

/** The members of a detail with one value each: `key.id=0123 key.version=2 by=alice`. */
function membersOf(detail: unknown): string {
  const telling = scalars(detail, "").filter(([name]) => !OWN.includes(name));
  const members = telling
    .sort(([left], [right]) => rank(left) - rank(right))
    .map(([name, value]) => `${name}=${shown(String(value))}`);
  let length = 0;
  const kept = members.filter((member) => {
    length += member.length + 1;
    return length <= DETAIL;
  });
  return kept.length < members.length ? `${kept.join(" ")} …` : kept.join(" ");
}

/** What tells most comes first: which key and whose, what is new, by whom and why. Then the event's own members. */
const FIRST = [
  ...["key", "owner", "tenant", "key.id", "key.owner", "key.tenant", "withinDays", "unusedDays", "previousStatus"],
  ...["by", "why", "reason", "requester", "key.previousSecretUntil", "key.expiresAt", "key.status"],
];

const rank = (name: string) => {
  const place = FIRST.indexOf(name);
  return place < 0 ? FIRST.length + name.split(".").length : place;
};

function scalars(value: unknown, name: string): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[name, value]];
  return Object.entries(value).flatMap(([key, each]) => scalars(each, name === "" ? key : `${name}.${key}`));
}

/** A text that others wrote, without the secrets of keys in it, which commands may have. Quotes keep what is no plain name from looking like something else, or moving the cursor. */
function shown(given: string): string {
  const text = redacted(given);
  return /^[\w$@%.,:;/+*'()… -]*$/.test(text) ? text : JSON.stringify(text);
}
