import type { LoginFlow } from "../login/login-flow.ts";
import type { CodeGrant, UsedCode } from "../token/code-grant.ts";

/** Whether an assertion was recorded now, or by the same login before. False: somebody else has used it. */
export type Recorded = "first" | "again" | false;

/**
 * What the login remembers. Every change is conditional, so that of two concurrent requests one succeeds. Handles
 * (RelayState, code) are stored as hashes: who reads the table cannot go on with anybody's login.
 *
 * Every function throws if the table cannot be asked, and then nothing is known of the change.
 */
export interface FederationStore {
  /** Remembers a login that has begun. */
  begin(handle: string, flow: LoginFlow): Promise<void>;
  /** The login of a handle, if it has not ended. */
  find(handle: string, time: number): Promise<LoginFlow | undefined>;
  /** Ends a login. Resolves with false if it was ended before, or was never there. */
  end(handle: string): Promise<boolean>;

  /**
   * Records the use of an assertion.
   *
   * @param expiresAt seconds since the epoch, from which nobody accepts the assertion
   * @param login id of the login that it answers, which may be answered again while it has not ended
   */
  recordAssertion(issuer: string, id: string, expiresAt: number, login?: string): Promise<Recorded>;

  /** Keeps what a code stands for. */
  keepCode(code: string, grant: CodeGrant): Promise<void>;
  /** What a code stands for, if it has not ended, or whose it was, if it was used. */
  readCode(code: string, time: number): Promise<CodeGrant | UsedCode | undefined>;
  /**
   * Uses a code, for a token with this id, and forgets who logged in. Resolves with false if it was used before.
   *
   * @param tokenId `jti` of the token, which is revoked if the code is used again
   */
  useCode(code: string, tokenId: string): Promise<boolean>;
}
