import type { SenderConstraint } from "../../shared/domain/config/common.ts";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import type { UnknownObject } from "../../shared/domain/object/unknown-object.ts";

/** What binds a token to its sender, and what its issuer's entry asks for. */
export interface Binding {
  /** The claim `cnf` (RFC 7800), of the token or of the answer to an introspection. Undefined: there is none. */
  readonly cnf: unknown;
  readonly required: SenderConstraint | undefined;
}

/** What the claims of a token, or of an answer about it, say of its sender. */
export const bindingOf = (claims: UnknownObject, { senderConstrained }: JwtIssuer): Binding => ({
  cnf: Object.hasOwn(claims, "cnf") ? claims.cnf : undefined,
  required: senderConstrained,
});
