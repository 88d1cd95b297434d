import { ConfigurationError } from "./configuration-error.ts";

/**
 * The mistake of an authorizer that has no provider. The schema does not ask for a section of one, because a provider of
 * one's own needs none: whoever has created the providers throws this if there are none.
 *
 * @param source name of the configuration in the message
 */
export const noProviderError = (source: string) =>
  new ConfigurationError(source, [
    {
      path: "(root)",
      found: "no provider",
      allowed:
        "at least one of `jwt`, `saml`, `apiKeys`, or a provider of your own: without a provider nobody can call",
    },
  ]);
