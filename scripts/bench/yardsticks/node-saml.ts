import { SAML } from "@node-saml/node-saml";
import { certificate, samlAudience, samlRecipient } from "./configured.ts";

const saml = new SAML({
  callbackUrl: samlRecipient(),
  idpCert: certificate(),
  issuer: samlAudience(),
  audience: samlAudience(),
  wantAuthnResponseSigned: false,
});

/** node-saml alone. */
export const verify = (response: string) => saml.validatePostResponseAsync({ SAMLResponse: response });
