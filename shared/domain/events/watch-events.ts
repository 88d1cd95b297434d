import * as v from "valibot";
import { common, instant } from "./common.ts";
import { eventKey } from "./event-key.ts";

/*
 * Events about what time brings. They are made by a schedule. What they are about is part of their ids, so that a
 * repeated run makes the same event.
 */

/** Days before an end at which its event is made. */
export const NOTICE_DAYS = [30, 14, 3] as const;

const withinDays = v.picklist(NOTICE_DAYS);

/** A key ends soon. One event for each of the three notices. */
export const keyExpiringSoon = v.object({
  ...common.entries,
  /** The key. */
  key: eventKey,
  /** The notice: the key ends within this number of days. */
  withinDays,
});

/** A key has ended. Its record stays in the table for 30 days. */
export const keyExpired = v.object({
  ...common.entries,
  /** The key. */
  key: eventKey,
});

/** An active key was not used for a long time. */
export const keyUnused = v.object({
  ...common.entries,
  /** The key. */
  key: eventKey,
  /** The last use, to the hour. Absent: none is known. */
  lastUsedAt: v.optional(instant),
  /** The days without a use after which the event is made. */
  unusedDays: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

/** A certificate or the metadata of an identity provider ends soon. One event for each of the three notices. */
export const certificateExpiring = v.object({
  ...common.entries,
  /** Entity id of the identity provider. */
  issuer: v.string(),
  /** What ends: a signing certificate, or the validity of the metadata. */
  what: v.picklist(["certificate", "metadata"]),
  /** SHA-256 of the certificate in hexadecimal digits. */
  fingerprint: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  /** When it ends. */
  endsAt: instant,
  /** The notice: it ends within this number of days. */
  withinDays,
});

/** No key needs a pepper any more: it can be removed from the configuration. */
export const pepperUnused = v.object({
  ...common.entries,
  /** Its place in `apiKeys.peppers` of the configuration, from 0. Its id is not said. */
  position: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
