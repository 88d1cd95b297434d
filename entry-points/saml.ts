import type { ProviderFactory } from "../providers/provider.ts";
import { samlProvider } from "../providers/saml/index.ts";

/** The provider of SAML assertions, for `createAuthorizer` of `sallyport/core`. */
export const saml: ProviderFactory = ({ saml: config }) => config && samlProvider(config);
