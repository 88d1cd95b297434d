import type { Rejection, Trouble } from "../shared/reasons/reasons.ts";
import { type Rejected, rejected, type Unavailable, unavailable } from "./provider.ts";

/** Thrown inside a provider where a check fails; its boundary turns it into a verdict. The message is the reason and nothing else. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Rejection;
  constructor(reason: Rejection) {
    super(reason);
    this.reason = reason;
  }
}

/** Thrown inside a provider, or below it, where something it depends on fails. */
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

/** The verdict that an error thrown inside a provider stands for. An error of no known class is trouble, never a refusal. */
export function verdictOf(error: unknown): Rejected | Unavailable {
  if (error instanceof Refusal) return rejected(error.reason);
  if (error instanceof TroubleError) return unavailable(error.reason, error.cause);
  return unavailable("provider_failed", error);
}
