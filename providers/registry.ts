import type { Config } from "../shared/config/schema.ts";
import { apiKeyProvider } from "./api-key/index.ts";
import { jwtProvider } from "./jwt/index.ts";
import type { Provider, ProviderFactory } from "./provider.ts";
import { samlProvider } from "./saml/index.ts";

/** Every provider there is, in the order of the chain: shapes that cost least to tell come first. */
export const PROVIDERS: readonly ProviderFactory[] = [
  ({ apiKeys }) => apiKeys && apiKeyProvider(apiKeys),
  ({ jwt }) => jwt && jwtProvider(jwt),
  ({ saml, credentials }) => saml && samlProvider(saml, { isCached: credentials.cachedBy !== undefined }),
];

/** The providers that a configuration asks for, in the order of the chain. */
export function createProviders(config: Config): Provider[] {
  return PROVIDERS.flatMap((create) => create(config) ?? []);
}
