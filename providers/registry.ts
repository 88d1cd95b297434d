import type { Config } from "../shared/domain/config/schema.ts";
import { apiKey } from "./api-key/index.ts";
import { jwt } from "./jwt/index.ts";
import type { Provider } from "./provider.ts";
import { type SamlDependencies, saml } from "./saml/index.ts";

/** What may stand in for a part of the world around the providers. */
export interface ProviderDependencies {
  /** Where used assertions are recorded; by default the table of the configuration. */
  readonly openReplayStore?: SamlDependencies["openStore"];
}

/** Every provider there is, in the order of the chain: shapes that cost least to tell come first. */
export const PROVIDERS: readonly ((config: Config, dependencies?: ProviderDependencies) => Provider | undefined)[] = [
  apiKey,
  jwt,
  saml,
];

/** The providers that a configuration asks for, in the order of the chain. */
export function createProviders(config: Config, dependencies?: ProviderDependencies): Provider[] {
  return PROVIDERS.flatMap((create) => create(config, dependencies) ?? []);
}
