import type { ProviderFactory } from "../providers/provider.ts";
import { samlProviderOf } from "../providers/saml/index.ts";

/** The provider of SAML assertions, for `createAuthorizer` of `sallyport/core`. */
export const saml: ProviderFactory = (config) => samlProviderOf(config);
