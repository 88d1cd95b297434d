import { appendFileSync } from "node:fs";
import { withoutKeys } from "../../providers/api-key/management/key-in-text.ts";
import type { CloudRecord } from "../cloud/report.ts";

/**
 * Writes events on a bus to a file, each whole, as a line of JSON. Secrets of keys, which a command may hold, are cut.
 *
 * @param file for this user alone; what it has is kept
 */
export function eventFile(file: string): (record: CloudRecord) => void {
  return (record) => {
    if (record.kind !== "event") return;
    const { time, bus, source, detailType, detail, rules } = record;
    const event = { time: new Date(time).toISOString(), bus, source, "detail-type": detailType, detail, rules };
    const line = JSON.stringify(event, (_, value) => (typeof value === "string" ? withoutKeys(value) : value));
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  };
}
