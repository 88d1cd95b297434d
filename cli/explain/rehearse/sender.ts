import { bindingOf } from "../../../providers/confirmation/binding.ts";
import type { BoundKeys } from "../../../providers/confirmation/bound-keys.ts";
import { boundAsRequired } from "../../../providers/confirmation/confirmer.ts";
import type { Claims } from "../../../providers/jwt/compact.ts";
import type { DpopConfig } from "../../../shared/domain/config/dpop.ts";
import type { JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import type { Confirmation } from "../../../shared/domain/principal/principal.ts";
import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";

/**
 * Checks what claims say of their token's sender, as the authorizer does, but for the proof of the key and the client
 * certificate: who has claims alone has neither.
 *
 * @returns how the sender would be confirmed; undefined: as a bearer
 * @throws {Refusal}
 */
export function rehearseSender(
  claims: Claims,
  entry: JwtIssuer,
  dpop: DpopConfig | undefined,
  { dpop: proofs, cache }: AuthorizationRequest,
): readonly Confirmation[] | undefined {
  const { certificate, dpopKey } = boundAsRequired(bindingOf(claims, entry), dpop);
  if (certificate === undefined && dpopKey === undefined) return undefined;
  demand(dpopKey === undefined || proofs, "token_confirmation_unsupported");
  const isInKey = dpopKey === undefined && cache?.certificate;
  demand(cache === undefined || isInKey, "token_confirmation_cached");
  return [
    ...(certificate === undefined ? [] : (["mtls"] as const)),
    ...(dpopKey === undefined ? [] : (["dpop"] as const)),
  ];
}

/** What is taken for granted of the sender of such a token, by name. */
export function assumedOf(claims: Claims, entry: JwtIssuer, dpop: DpopConfig | undefined): Record<string, string> {
  const { certificate, dpopKey } = keysOf(claims, entry, dpop);
  return {
    ...(certificate !== undefined && { "client certificate": "not checked: the one of cnf.x5t#S256 is assumed" }),
    ...(dpopKey !== undefined && { "DPoP proof": "not checked: one by the key of cnf.jkt is assumed" }),
  };
}

function keysOf(claims: Claims, entry: JwtIssuer, dpop: DpopConfig | undefined): BoundKeys {
  try {
    return boundAsRequired(bindingOf(claims, entry), dpop);
  } catch (error) {
    if (error instanceof Refusal) return {};
    throw error;
  }
}
