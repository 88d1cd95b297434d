import type { AuthorizationRequest } from "../../shared/authorization-request.ts";
import type { SamlConfig } from "../../shared/config/saml.ts";
import { demand } from "../../shared/reasons/errors.ts";
import type { Provider } from "../provider.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { decodeCredential } from "./decode.ts";
import { scanXml } from "./scan.ts";

/**
 * Verifies SAML 2.0 assertions as bearer credentials (RFC 7522 section 3): a Response or a bare Assertion of the configured identity
 * providers. Length, encoding and markup are checked before any parser is loaded.
 */
export function samlProvider(config: SamlConfig): Provider {
  async function verify(value: string, request: AuthorizationRequest): Promise<Verdict> {
    demand(value.length <= config.maxLength, "credential_too_large");
    const text = decodeCredential(value, config.maxInflatedLength);
    scanXml(text);
    const { verifyMessage } = await import("./verify.ts");
    return authenticated(verifyMessage(text, request, config));
  }

  return {
    name: "saml",
    // `P` followed by one of these is how the base64 of `<` and a character begins: no other credential does and has no dot.
    recognises: ({ scheme, value }) =>
      scheme === "saml" || (scheme === "bearer" && /^P[A-P]/.test(value) && !value.slice(0, 4096).includes(".")),
    verify: ({ value }, request) => verify(value, request).catch(verdictOf),
  };
}
