import type { Rejection, Trouble } from "./reasons.ts";

/** Thrown where a check of a credential fails; the provider's boundary turns it into a verdict. The message is the reason and nothing else. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Rejection;
  constructor(reason: Rejection) {
    super(reason);
    this.reason = reason;
  }
}

/** Thrown where something a decision depends on fails. The message is the reason and nothing else. */
export class TroubleError extends Error {
  override readonly name = "TroubleError";
  readonly reason: Trouble;
  constructor(reason: Trouble, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** Refuses with `reason` unless `condition` holds. */
export function demand(condition: unknown, reason: Rejection): asserts condition {
  if (!condition) throw new Refusal(reason);
}
