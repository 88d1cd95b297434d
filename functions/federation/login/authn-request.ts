import { SAML } from "@node-saml/node-saml";
import type { Answer } from "../http/answer.ts";
import { redirectTo } from "../http/answer.ts";
import { formAnswer } from "../http/page.ts";
import type { Connection } from "./connections.ts";

/** What an AuthnRequest is made of. */
export interface AuthnRequest {
  readonly connection: Connection;
  /** Its ID, which the answer names. */
  readonly id: string;
  /** What the identity provider sends back as it is: at most 80 bytes (SAML bindings 3.4.3). */
  readonly relayState: string;
  /** Our private key, PEM, if the connection wants signed requests. */
  readonly privateKey: string | undefined;
}

/** Sends the browser to the identity provider with an AuthnRequest that node-saml makes (SAML core 3.4.1). */
export async function sendAuthnRequest(request: AuthnRequest): Promise<Answer> {
  const { connection, relayState } = request;
  const saml = samlOf(request);
  if (connection.login.binding === "redirect")
    return redirectTo(await saml.getAuthorizeUrlAsync(relayState, undefined, {}));
  const { SAMLRequest } = await saml.getAuthorizeMessageAsync(relayState);
  return formAnswer(connection.login.singleSignOnUrl, { SAMLRequest: String(SAMLRequest), RelayState: relayState });
}

function samlOf({ connection, id, privateKey }: AuthnRequest): SAML {
  const { entityId, consumerUrl, login } = connection;
  return new SAML({
    issuer: entityId,
    callbackUrl: consumerUrl,
    entryPoint: login.singleSignOnUrl,
    generateUniqueId: () => id,
    forceAuthn: login.forceAuthn,
    // The identity provider chooses the format of the name, and the strength, unless the configuration does.
    identifierFormat: null,
    disableRequestedAuthnContext: login.contexts.length === 0,
    authnContext: [...login.contexts],
    authnRequestBinding: login.binding === "post" ? "HTTP-POST" : "HTTP-Redirect",
    skipRequestCompression: login.binding === "post",
    // For requests only: no answer is verified with this object.
    idpCert: "none",
    ...(privateKey !== undefined && { privateKey, signatureAlgorithm: "sha256", digestAlgorithm: "sha256" }),
  });
}
