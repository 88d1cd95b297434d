import type { Authentication } from "../../../shared/domain/principal/principal.ts";
import type { Connection } from "./connections.ts";
import type { LoginFlow } from "./login-flow.ts";

/** Why a sign-in at the identity provider is not the one that was asked for. */
export type AuthenticationReason = "authentication_context_mismatch" | "authentication_too_old";

/**
 * Whether the identity provider did what the connection asks for with `contexts` and `forceAuthn`, if not why. The
 * AuthnRequest goes through the user's browser, mostly unsigned, so that the user can take the questions out of it: what
 * counts is what the assertion says of the sign-in (SAML core 2.7.2).
 *
 * @param authentication undefined: the assertion has no AuthnStatement, or nothing that can be read in it
 */
export function mismatchOf(
  authentication: Authentication | undefined,
  { login, entry }: Connection,
  { begunAt }: LoginFlow,
): AuthenticationReason | undefined {
  if (login.contexts.length > 0 && !login.contexts.includes(authentication?.contextClass ?? "")) {
    return "authentication_context_mismatch";
  }
  const isNew = (authentication?.time ?? 0) >= begunAt - entry.clockTolerance;
  return login.forceAuthn && !isNew ? "authentication_too_old" : undefined;
}
