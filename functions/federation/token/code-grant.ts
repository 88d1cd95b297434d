import type { Config } from "../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";

/** Whose code it is. */
interface CodeOwner {
  /** Of the login, for the log. */
  readonly flowId: string;
  readonly connection: string;
  readonly clientId: string;
}

/** What an authorization code stands for. */
export interface CodeGrant extends CodeOwner {
  readonly redirectUri: string;
  readonly codeChallenge: string;
  /** Scopes that were asked for. Absent: all that the principal has. */
  readonly scopes?: readonly string[];
  readonly resource: string;
  /** Who logged in. */
  readonly principal: KeptPrincipal;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** What is known of a code that was used, or revoked. */
export interface UsedCode extends CodeOwner {
  /** The `jti` of the token that the code was used for, or `REVOKED`. */
  readonly usedFor: string;
}

/** A code that was revoked was used for no token. */
export const REVOKED = "revoked";

/** A principal without what concerns its own request alone. */
export type KeptPrincipal = Omit<Principal, "usageIdentifierKey" | "dpopNonce">;

/**
 * A principal as a code keeps it: of the attributes, those that a denying rule asks for. No token needs the others, and
 * whoever reads the table need not see them.
 */
export function keptPrincipal(
  { usageIdentifierKey: _, dpopNonce: __, attributes, ...rest }: Principal,
  routes: Config["routes"],
): KeptPrincipal {
  const asked = new Set(routes.flatMap((rule) => (rule.effect === "deny" ? Object.keys(rule.attributes ?? {}) : [])));
  const kept = Object.entries(attributes).filter(([name]) => asked.has(name));
  return { ...rest, attributes: Object.fromEntries(kept) };
}
