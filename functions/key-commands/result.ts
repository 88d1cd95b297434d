import type { Continuation } from "./message.ts";

/** What a run of a command did. */
export interface CommandResult {
  /** Keys that it revoked. */
  readonly revoked: readonly string[];
  readonly next: readonly Progress[];
}

/** A part of a command that is left, and the seconds after which it goes on. */
export interface Progress {
  readonly where: Continuation;
  readonly delay: number;
}
