import { LOCAL } from "../stage/configuration.ts";
import type { Identities } from "../stage/identities.ts";

/**
 * The environment in which the project's configuration is read: that of the deployed authorizer, as the template states
 * it. Values that are empty there, such as parameters without a value, count as absent.
 *
 * A configuration that takes its issuer or its identity provider from these variables, as the one of this project does,
 * gets local names for those that neither the template nor this process names.
 */
export function projectEnvironment(
  authorizer: Readonly<Record<string, string>>,
  { saml }: Identities,
): Readonly<Record<string, string>> {
  const stated = Object.entries(authorizer).filter(([name, value]) => name !== "SALLYPORT_CONFIG" && value !== "");
  const environment = Object.fromEntries(stated);
  const isNamed = (name: string) => Boolean(environment[name] ?? process.env[name]);
  return {
    ...(isNamed("SALLYPORT_JWT_ISSUER") ? {} : LOCAL_JWT),
    ...(isNamed("SALLYPORT_SAML_ISSUER") ? {} : LOCAL_SAML),
    // Only so that the section is there: its certificates are replaced.
    SALLYPORT_SAML_CERTIFICATE: saml.certificate,
    ...environment,
  };
}

const LOCAL_JWT = {
  SALLYPORT_JWT_ISSUER: LOCAL.jwtIssuer,
  SALLYPORT_JWT_AUDIENCE: LOCAL.audience,
  SALLYPORT_INTROSPECTION_CLIENT: LOCAL.introspectionClient,
  SALLYPORT_INTROSPECTION_SECRET: "local",
};

const LOCAL_SAML = {
  SALLYPORT_SAML_ISSUER: LOCAL.samlIssuer,
  SALLYPORT_SAML_AUDIENCE: LOCAL.samlAudience,
  SALLYPORT_SAML_RECIPIENT: LOCAL.samlRecipient,
  SALLYPORT_SAML_DECRYPTION_SECRET: "local",
  SALLYPORT_ASSERTIONS_TABLE: LOCAL.assertionsTable,
};
