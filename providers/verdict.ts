import type { Principal } from "../shared/domain/principal/principal.ts";
import { Refusal, TroubleError } from "../shared/domain/reasons/errors.ts";
import type { CredentialWarning, Rejection, Trouble } from "../shared/domain/reasons/reasons.ts";
import type { Instant } from "../shared/infrastructure/remote/elapsed.ts";

/** Result of verifying a credential. */
export type Verdict = Authenticated | Rejected | Unavailable;

/** The credential is valid. */
export interface Authenticated {
  readonly status: "authenticated";
  readonly principal: Principal;
  /** What an operator should know. Written to the log. */
  readonly warnings?: readonly CredentialWarning[];
  /**
   * When a store was asked for what may change at any moment, by both clocks: `Date.now()` and `performance.now()`. The
   * decision must be made within a second, or it is trouble (`decision_too_late`). Absent: nothing was asked for.
   */
  readonly readAt?: Instant;
}

/** The credential is not valid. The request is refused even if it has other, valid credentials. */
export interface Rejected {
  readonly status: "rejected";
  readonly reason: Rejection;
  /** The nonce that the client's next DPoP proof needs (RFC 9449 section 9). */
  readonly dpopNonce?: string;
}

/** The provider could not decide. The outcome is an error, neither Allow nor Deny. */
export interface Unavailable {
  readonly status: "unavailable";
  readonly reason: Trouble;
  /** The error. Only its class and code are logged. */
  readonly cause?: unknown;
}

/** The verdict for a valid credential. */
export const authenticated = (principal: Principal, warnings: readonly CredentialWarning[] = []): Authenticated => ({
  status: "authenticated",
  principal,
  ...(warnings.length > 0 && { warnings }),
});
/** The verdict for a credential that is not valid. Providers of your own use the default reason. */
export const rejected = (reason: Rejection = "credential_rejected"): Rejected => ({ status: "rejected", reason });
/** The verdict if the provider could not decide. Providers of your own use the default reason. */
export const unavailable = (reason: Trouble = "provider_failed", cause?: unknown): Unavailable => ({
  status: "unavailable",
  reason,
  cause,
});

/** Converts an error inside a provider to a verdict. An unknown error is `unavailable`, never `rejected`. */
export function verdictOf(error: unknown): Rejected | Unavailable {
  if (error instanceof Refusal) {
    const { reason, dpopNonce } = error;
    return { ...rejected(reason), ...(dpopNonce !== undefined && { dpopNonce }) };
  }
  if (error instanceof TroubleError) return unavailable(error.reason, error.cause);
  return unavailable("provider_failed", error);
}
