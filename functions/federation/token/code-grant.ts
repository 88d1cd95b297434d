import type { Principal } from "../../../shared/domain/principal/principal.ts";

/** What an authorization code stands for. */
export interface CodeGrant {
  /** Of the login, for the log. */
  readonly flowId: string;
  readonly connection: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  /** Scopes that were asked for. Absent: all that the principal has. */
  readonly scopes?: readonly string[];
  readonly resource: string;
  /** Who logged in. */
  readonly principal: Principal;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** The `jti` of the token that the code was used for. */
  readonly usedFor?: string;
}
