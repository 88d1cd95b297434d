import * as v from "valibot";
import { common } from "./common.ts";
import { eventKey } from "./event-key.ts";

/*
 * Events about changes of keys. They are made from the stream of the table, so that there is one for each change and
 * none without a change.
 */

/** What every event about a change of a key has besides. */
const change = v.object({
  /** The key after the change; a deleted key as it was, with the version of its deletion. */
  key: eventKey,
  /** Who made the change. Absent: nobody is recorded. */
  by: v.optional(v.string()),
  /** Why, in the words of who made the change. */
  why: v.optional(v.string()),
});

const statusChange = v.object({
  /** The status before. `revoked` means that somebody edited the table by hand. */
  previousStatus: v.optional(eventKey.entries.status),
});

/** A key was issued, or imported. */
export const keyIssued = v.object({
  ...common.entries,
  ...change.entries,
});

/** Fields of a key were changed. */
export const keyUpdated = v.object({
  ...common.entries,
  ...change.entries,
  /** Names of the fields that have another value now, some of which are not in `key`. */
  changed: v.pipe(v.array(v.string()), v.minLength(1)),
});

/** A key got a new secret. `key.previousSecretUntil` says for how long the one before is accepted, if it is. */
export const keyRotated = v.object({
  ...common.entries,
  ...change.entries,
});

/** A key was suspended. */
export const keyDisabled = v.object({
  ...common.entries,
  ...change.entries,
  ...statusChange.entries,
});

/** The suspension of a key ended. */
export const keyEnabled = v.object({
  ...common.entries,
  ...change.entries,
  ...statusChange.entries,
});

/** A key was ended for good. */
export const keyRevoked = v.object({
  ...common.entries,
  ...change.entries,
  ...statusChange.entries,
});

/** The record of a key was deleted. `by` is `time to live` where the table deleted it, 30 days after the key's end. */
export const keyDeleted = v.object({
  ...common.entries,
  ...change.entries,
});
