import type { Rejection } from "../../shared/domain/reasons/reasons.ts";

/** Why a message ends among the dead letters. */
export const COMMAND_REASONS = {
  command_unreadable: "the message is not an event of EventBridge",
  command_unknown: "there is no such command",
  command_invalid: "the detail is not what the command takes",
  key_malformed: "the key is neither an id nor a whole key of this deployment",
  key_checksum_mismatch: "the whole key has a typing error",
  key_environment_mismatch: "the whole key is of another environment",
  key_unknown: "there is no such key",
  key_mismatch: "the whole key is not genuine: its secret is not the key's",
  key_secret_replaced: "the whole key was replaced, and is refused already",
  nothing_found: "no key has this owner or tenant, not even a revoked one",
  trouble: "the command was tried several times and failed each time",
} as const;

export type CommandReason = keyof typeof COMMAND_REASONS;

/** A command that will never be right, however often it is repeated. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
  readonly reason: CommandReason;
  /** What is wrong, by its place; nothing of what was found there. */
  readonly mistakes: readonly string[];
  constructor(reason: CommandReason, mistakes: readonly string[] = []) {
    super(reason);
    this.reason = reason;
    this.mistakes = mistakes;
  }
}

/** The reason of a whole key that is refused. */
export const commandReasonOf = (rejection: Rejection): CommandReason =>
  Object.hasOwn(COMMAND_REASONS, rejection) ? (rejection as CommandReason) : "key_malformed";
