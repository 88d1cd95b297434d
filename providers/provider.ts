import type { AuthorizationRequest } from "../shared/authorization-request.ts";
import type { Credential } from "../shared/credentials/credential.ts";
import type { Principal } from "../shared/principal/principal.ts";
import type { Rejection, Trouble } from "../shared/reasons/reasons.ts";

/** Verifies one kind of credential. */
export interface Provider {
  /** Name by which rules, logs and metrics call the provider. */
  readonly name: string;
  /**
   * Whether this provider is responsible for the credential: by its scheme and shape alone, without I/O, cryptography or a parser, in
   * time linear in the value. The first provider that says yes owns the credential, however the verification ends.
   */
  recognises(credential: Credential): boolean;
  /**
   * Says what the credential proves. Resolves with a verdict for every input; a rejection of the promise is a defect and is
   * treated as trouble.
   */
  verify(credential: Credential, request: AuthorizationRequest, signal: AbortSignal): Promise<Verdict>;
}

export type Verdict = Authenticated | Rejected | Unavailable;

export interface Authenticated {
  readonly status: "authenticated";
  readonly principal: Principal;
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

export const authenticated = (principal: Principal): Authenticated => ({ status: "authenticated", principal });
export const rejected = (reason: Rejection): Rejected => ({ status: "rejected", reason });
export const unavailable = (reason: Trouble, cause?: unknown): Unavailable => ({
  status: "unavailable",
  reason,
  cause,
});
