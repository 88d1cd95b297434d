import { gunzipSync } from "node:zlib";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { isKeyId } from "../../shared/domain/principal/key-id.ts";

/** The hours of the uses of one key: their beginnings in seconds since the epoch. */
export interface UsedHours {
  readonly first: number;
  readonly last: number;
}

/** What an event of CloudWatch Logs says of API keys. */
export interface ReadUses {
  /** By the ids of the keys. */
  readonly uses: ReadonlyMap<string, UsedHours>;
  /** Things that are not as the authorizer writes them. */
  readonly skipped: number;
}

/** Bytes of an event at most, inflated. CloudWatch Logs sends up to 6 MB of base64, and lines that look alike. */
const MAX_LENGTH = 64 * 1024 * 1024;

const HOUR = 3600;

/** Seconds by which a clock of another function may be ahead. A use in the far future would hide all that follow. */
const TOLERANCE = 300;

/**
 * Reads an event of a subscription: gzip of JSON, in base64, with lines of the authorizers' log. Duplicates and any
 * order make no difference.
 *
 * @param now seconds since the epoch
 */
export function readUses(event: unknown, now: number): ReadUses {
  const uses = new Map<string, UsedHours>();
  let skipped = 0;
  const { messageType, logEvents } = objectOf(inflated(objectOf(objectOf(event).awslogs).data));
  if (messageType === "CONTROL_MESSAGE") return { uses, skipped };
  if (messageType !== "DATA_MESSAGE" || !Array.isArray(logEvents)) return { uses, skipped: 1 };
  for (const { message } of logEvents.map(objectOf)) {
    const { keyUses = [] } = objectOf(jsonOf(message));
    for (const use of Array.isArray(keyUses) ? keyUses : [keyUses]) {
      const { keyId, hour } = objectOf(use);
      if (typeof keyId !== "string" || !isKeyId(keyId) || !isHour(hour, now)) skipped++;
      else uses.set(keyId, joined(uses.get(keyId), hour));
    }
  }
  return { uses, skipped };
}

function inflated(data: unknown): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(String(data), "base64"), { maxOutputLength: MAX_LENGTH }).toString());
  } catch {
    return undefined;
  }
}

/** A line that is no JSON is one of Lambda's own. */
function jsonOf(message: unknown): unknown {
  try {
    return JSON.parse(String(message));
  } catch {
    return undefined;
  }
}

const isHour = (hour: unknown, now: number): hour is number =>
  typeof hour === "number" && hour >= 0 && hour % HOUR === 0 && hour <= now + TOLERANCE;

const joined = (known: UsedHours | undefined, hour: number): UsedHours => ({
  first: Math.min(hour, known?.first ?? hour),
  last: Math.max(hour, known?.last ?? hour),
});
