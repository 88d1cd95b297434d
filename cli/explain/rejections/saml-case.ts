import type { SamlConfig, SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { RejectedMessage } from "./saml-message.ts";

/** What is known of a rejection of a SAML message. */
export interface AssertionCase {
  readonly reason: string;
  readonly message: RejectedMessage;
  /** The assertion, or what else there is of the message. */
  readonly within: Element;
  readonly config: SamlConfig;
  /** The entry of the message's issuer. */
  readonly entry: SamlIdentityProvider;
  readonly request: Pick<AuthorizationRequest, "time" | "source">;
}
