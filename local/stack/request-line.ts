import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { RequestRecord } from "../gateway/trail.ts";
import { clockTime } from "./clock-time.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a line is written. Whether it is coloured follows from it, and from `NO_COLOR` and `FORCE_COLOR`. */
type Stream = NodeJS.WritableStream | WriteStream;

/**
 * One line about a request, in columns: time, status, outcome, what decided, milliseconds, API, method, path, reason
 * and rules. The path is the last column of a fixed width, and what is longer moves the rest to the right.
 */
export function requestLine(record: RequestRecord, stream: Stream = process.stdout): string {
  const { api, by, duration, method, outcome, path, reason, rules = [], status, time } = record;
  const paint = (style: Style, text: string) => styleText(style, text, { stream: stream as NodeJS.WritableStream });
  const cells = [
    paint("dim", clockTime(time)),
    paint(styleOf(record), `${status} ${outcome.padEnd(15)}`),
    paint("dim", by.padEnd(8)),
    paint("dim", `${Math.round(duration)} ms`.padStart(8)),
    paint("dim", api.padEnd(12)),
    method.padEnd(7),
    path.padEnd(28),
    [reason && paint(styleOf(record), reason), rules.length > 0 && paint("dim", `rules: ${rules.join(", ")}`)]
      .filter(Boolean)
      .join("  "),
  ];
  return cells.join(" ").trimEnd();
}

function styleOf({ status, outcome }: RequestRecord): Style {
  if (status >= 500 || outcome === "unavailable" || outcome === "error") return "red";
  if (status >= 400) return "yellow";
  return outcome === "allow" ? "green" : "dim";
}
