import * as v from "valibot";
import { isName } from "../principal/name.ts";

/*
 * What other systems may tell Sallyport to do, as events on the bus for commands. The name is the event's detail-type,
 * the schema is that of its detail.
 */

const text = (length: number, what = `text of 1 to ${length} characters without control characters`) =>
  v.pipe(
    v.string(what),
    v.minLength(1, what),
    v.maxLength(length, what),
    v.check((value) => isName(value), what),
  );

/** Who wants it and why. Both become the reason in the key's record, which has 256 characters. */
const cause = v.object({
  /** Why, in 1 to 160 characters. */
  reason: text(160),
  /** Who asked the sending system for it, in 1 to 64 characters. It is noted, and never trusted. */
  requester: v.optional(text(64)),
});

/** Revokes one key. */
const revokeKey = v.strictObject({
  /**
   * The key's id; or the whole key, as somebody found it. A whole key is revoked only if it is genuine: anybody can make
   * one up around a known id.
   */
  key: text(256, "the id of a key, or a whole key"),
  ...cause.entries,
});

/** Revokes every key of an owner. */
const revokeKeysOfOwner = v.strictObject({
  /** The owner, as the keys name it. */
  owner: text(256),
  ...cause.entries,
});

/** Revokes every key of a tenant. */
const revokeKeysOfTenant = v.strictObject({
  /** The tenant, as the keys name it. */
  tenant: text(256),
  ...cause.entries,
});

/** Every command by its name. */
export const COMMANDS = {
  RevokeKey: revokeKey,
  RevokeKeysOfOwner: revokeKeysOfOwner,
  RevokeKeysOfTenant: revokeKeysOfTenant,
} as const;

export type CommandName = keyof typeof COMMANDS;

/** The detail of a command. */
export type CommandDetail<Name extends CommandName = CommandName> = v.InferOutput<(typeof COMMANDS)[Name]>;

/** A command with its name. */
export type Command = { readonly [Name in CommandName]: { readonly name: Name } & CommandDetail<Name> }[CommandName];

/** What a record says of a command's cause. */
export const reasonOf = ({ reason, requester }: CommandDetail): string =>
  requester === undefined ? reason : `${reason} (requested by ${requester})`;
