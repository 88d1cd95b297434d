import { apiKeyProvider } from "../providers/api-key/index.ts";
import type { ProviderFactory } from "../providers/provider.ts";

/** The provider of API keys, for `createAuthorizer` of `sallyport/core`. */
export const apiKey: ProviderFactory = ({ apiKeys: config }) => config && apiKeyProvider(config);
