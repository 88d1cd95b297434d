import type { Rejection, Trouble } from "./reasons.ts";

/** Thrown when a check of a credential fails. The provider converts it to a verdict. The message is only the reason. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Rejection;
  /** The nonce that the client's next DPoP proof needs, where the last one had no good one. */
  readonly dpopNonce: string | undefined;
  constructor(reason: Rejection, dpopNonce?: string) {
    super(reason);
    this.reason = reason;
    this.dpopNonce = dpopNonce;
  }
}

/** Thrown when something that a decision needs fails, such as a key server. The message is only the reason. */
export class TroubleError extends Error {
  override readonly name = "TroubleError";
  readonly reason: Trouble;
  constructor(reason: Trouble, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** @throws {Refusal} with `reason` if `condition` is false */
export function demand(condition: unknown, reason: Rejection): asserts condition {
  if (!condition) throw new Refusal(reason);
}
