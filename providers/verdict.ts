import type { Principal } from "../shared/domain/principal/principal.ts";
import { Refusal, TroubleError } from "../shared/domain/reasons/errors.ts";
import type { CredentialWarning, Rejection, Trouble } from "../shared/domain/reasons/reasons.ts";

/** What a provider says of a credential it is responsible for. */
export type Verdict = Authenticated | Rejected | Unavailable;

export interface Authenticated {
  readonly status: "authenticated";
  readonly principal: Principal;
  /** What an operator should know of it. */
  readonly warnings?: readonly CredentialWarning[];
}

/** The credential is bad: the request is refused, whatever else it carries. */
export interface Rejected {
  readonly status: "rejected";
  readonly reason: Rejection;
}

/** The provider could not tell: nobody is refused or admitted for it. */
export interface Unavailable {
  readonly status: "unavailable";
  readonly reason: Trouble;
  /** What failed. Only its class and code are ever logged. */
  readonly cause?: unknown;
}

export const authenticated = (principal: Principal, warnings: readonly CredentialWarning[] = []): Authenticated => ({
  status: "authenticated",
  principal,
  ...(warnings.length > 0 && { warnings }),
});
/** A provider of one's own has no reason of its own in the list: it says no more than that. */
export const rejected = (reason: Rejection = "credential_rejected"): Rejected => ({ status: "rejected", reason });
export const unavailable = (reason: Trouble = "provider_failed", cause?: unknown): Unavailable => ({
  status: "unavailable",
  reason,
  cause,
});

/** The verdict that an error thrown inside a provider stands for. An error of no known class is trouble, never a refusal. */
export function verdictOf(error: unknown): Rejected | Unavailable {
  if (error instanceof Refusal) return rejected(error.reason);
  if (error instanceof TroubleError) return unavailable(error.reason, error.cause);
  return unavailable("provider_failed", error);
}
