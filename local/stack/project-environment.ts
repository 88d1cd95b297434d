import { LOCAL } from "../stage/configuration.ts";
import type { Identities } from "../stage/identities.ts";

/**
 * The environment in which the project's configuration is read: that of the deployed authorizer, as the template states
 * it. Values that are empty there, such as parameters without a value, count as absent.
 *
 * A configuration that takes its SAML identity provider from these variables, as the one of this project does, gets the
 * local one unless the template names another.
 */
export function projectEnvironment(
  authorizer: Readonly<Record<string, string>>,
  { saml }: Identities,
): Readonly<Record<string, string>> {
  const stated = Object.entries(authorizer).filter(([name, value]) => name !== "SALLYPORT_CONFIG" && value !== "");
  const environment = Object.fromEntries(stated);
  if (environment.SALLYPORT_SAML_ISSUER ?? process.env.SALLYPORT_SAML_ISSUER) {
    // Only so that the section is there: its certificates are replaced.
    return { SALLYPORT_SAML_CERTIFICATE: saml.certificate, ...environment };
  }
  return {
    SALLYPORT_SAML_ISSUER: LOCAL.samlIssuer,
    SALLYPORT_SAML_CERTIFICATE: saml.certificate,
    SALLYPORT_SAML_DECRYPTION_SECRET: "local",
    SALLYPORT_ASSERTIONS_TABLE: LOCAL.assertionsTable,
    ...environment,
  };
}
