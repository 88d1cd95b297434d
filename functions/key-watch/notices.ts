import { eventKeyOf } from "../../providers/api-key/management/event-key.ts";
import { type KeyRecord, versionOf } from "../../providers/api-key/record.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { NOTICE_DAYS } from "../../shared/domain/events/watch-events.ts";
import { DAY } from "./watcher.ts";

/** The notices by their days before the end; 0 is the end itself. */
export const NOTICES = [...NOTICE_DAYS, 0] as const;
export type Notice = (typeof NOTICES)[number];

/** Whether a notice of a key is due, and no tighter one. */
export function isDue(record: KeyRecord, notice: Notice, now: number): boolean {
  const { status, createdAt, expiresAt = Number.POSITIVE_INFINITY } = record;
  if (status === "revoked" || expiresAt > now + notice * DAY) return false;
  if (notice === 0) return true;
  const next = NOTICES[NOTICES.indexOf(notice) + 1] ?? 0;
  // Who issues a key for 30 days knows that it ends in 30 days. A change may have moved the end.
  const isNews = versionOf(record) > 1 || createdAt < expiresAt - (notice + 1) * DAY;
  return isNews && expiresAt > now + next * DAY;
}

/** The event of a notice. */
export function eventOf(record: KeyRecord, notice: Notice, now: number): SallyportEvent {
  const subject = `${record.id}:${instantOf(record.expiresAt ?? 0)}`;
  const common = { schemaVersion: 1, time: instantOf(now), key: eventKeyOf(record) } as const;
  return notice === 0
    ? { name: "KeyExpired", detail: { id: `${subject}:KeyExpired`, ...common } }
    : {
        name: "KeyExpiringSoon",
        detail: { id: `${subject}:KeyExpiringSoon:${notice}`, ...common, withinDays: notice },
      };
}
