import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import { bindingOf } from "../confirmation/binding.ts";
import type { PrepareConfirmation } from "../confirmation/confirmation.ts";
import { checkAnswer } from "../jwt/claims.ts";
import { principalOf } from "../jwt/principal.ts";
import { checkStatedType } from "../jwt/token-type.ts";
import { authenticated, type Verdict } from "../verdict.ts";
import { introspectors } from "./introspectors.ts";
import type { AskedIssuer } from "./token-owner.ts";

/**
 * Judges an opaque token by what its issuer's server says.
 *
 * @throws {Refusal} `token_inactive`, or what the answer says against the token
 * @throws {TroubleError} `introspection_unavailable`, `secret_unavailable`
 */
export type VerifyOpaque = (
  credential: Credential,
  entry: AskedIssuer,
  request: AuthorizationRequest,
  signal: AbortSignal,
) => Promise<Verdict>;

/** @param prepareConfirmation confirms the senders of tokens that are bound to a key */
export function opaqueTokens(fetch: typeof globalThis.fetch, prepareConfirmation: PrepareConfirmation): VerifyOpaque {
  const introspectorOf = introspectors(fetch);
  return async (credential, entry, request, signal) => {
    const { claims, readAt } = await introspectorOf(entry).ask(credential.value);
    checkStatedType(claims, entry);
    // For each request: an answer that is used again does not outlive its token.
    checkAnswer(claims, entry, request.time);
    const confirm = await prepareConfirmation(bindingOf(claims, entry), credential, request);
    const principal = principalOf(claims, entry, "introspection");
    return { ...authenticated((await confirm?.(principal, signal)) ?? principal), ...(readAt && { readAt }) };
  };
}
