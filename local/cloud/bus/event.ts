import { randomUUID } from "node:crypto";
import { ACCOUNT, REGION } from "../../events/arn.ts";
import { AwsError } from "../aws-error.ts";
import type { Input } from "../endpoint.ts";

/** An event, as EventBridge gives it to targets. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** `2026-01-01T00:00:00Z` */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** An entry that is refused. The others of its request are not. */
export class EntryError extends Error {
  override readonly name = "EntryError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bytes of all entries of a request, and their number. */
const LIMITS = { bytes: 256 * 1024, entries: 10 };

/**
 * The entries of `PutEvents`.
 *
 * @throws {AwsError} if there are none, too many, or too long ones
 */
export function entriesOf({ Entries }: Input): readonly Input[] {
  const entries = (Array.isArray(Entries) ? Entries : []) as Input[];
  if (entries.length === 0 || entries.length > LIMITS.entries) {
    throw new AwsError("ValidationException", `Entries: found ${entries.length}, allowed 1 to ${LIMITS.entries}.`);
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > LIMITS.bytes) {
    throw new AwsError("ValidationException", "Total size of the entries in the request is over the limit.");
  }
  return entries;
}

/** Bytes of an entry (EventBridge user guide, "Calculating PutEvents event entry size"). */
function sizeOf({ Time, Source, DetailType, Detail, Resources = [] }: Input): number {
  const texts = [Source, DetailType, Detail, ...(Resources as unknown[])].filter((each) => each !== undefined);
  return texts.reduce<number>((sum, text) => sum + Buffer.byteLength(String(text)), Time === undefined ? 0 : 14);
}

/**
 * The event of an entry.
 *
 * @param now milliseconds since the epoch
 * @throws {EntryError} if the entry is not one
 */
export function eventOf(entry: Input, now: number): BusEvent {
  const { Source, DetailType, Detail, Resources, Time } = entry;
  const text = (name: string, value: unknown): string => {
    if (typeof value === "string" && value !== "") return value;
    throw new EntryError("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  };
  const source = text("Source", Source);
  // AWS's own events come from AWS alone.
  if (source.startsWith("aws."))
    throw new EntryError("NotAuthorizedForSourceException", "Not authorized for the source.");
  return {
    ...{ version: "0", id: randomUUID(), "detail-type": text("DetailType", DetailType), source, account: ACCOUNT },
    time: `${new Date(Time === undefined ? now : timeOf(Time)).toISOString().slice(0, 19)}Z`,
    ...{ region: REGION, resources: (Resources ?? []) as string[], detail: detailOf(text("Detail", Detail)) },
  };
}

/** Milliseconds of a time, which the protocol gives in seconds. */
function timeOf(time: unknown): number {
  const milliseconds = Number(time) * 1000;
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw new EntryError("InvalidArgument", "Parameter Time is not valid.");
}

function detailOf(text: string): unknown {
  try {
    const detail: unknown = JSON.parse(text);
    if (typeof detail === "object" && detail !== null && !Array.isArray(detail)) return detail;
  } catch {
    // Not JSON, as below.
  }
  throw new EntryError("MalformedDetail", "Detail is malformed.");
}
