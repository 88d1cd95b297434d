import type { SenderConstraint } from "../../shared/domain/config/common.ts";

/** What binds a token to its sender, and what its issuer's entry asks for. */
export interface Binding {
  /** The claim `cnf` (RFC 7800), of the token or of the answer to an introspection. Undefined: there is none. */
  readonly cnf: unknown;
  readonly required: SenderConstraint | undefined;
}
