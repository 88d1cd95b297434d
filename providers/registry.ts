import type { Config } from "../shared/domain/config/schema.ts";
import { apiKey } from "./api-key/index.ts";
import type { ConfirmationDependencies } from "./confirmation/confirmation.ts";
import { introspection } from "./introspection/index.ts";
import { jwt } from "./jwt/index.ts";
import type { Provider } from "./provider.ts";
import { type SamlDependencies, saml } from "./saml/index.ts";

/** Replacements for external services, for tests and local use. */
export interface ProviderDependencies {
  /** Opens the store of used assertions. Default: the DynamoDB table of the configuration. */
  readonly openReplayStore?: SamlDependencies["openStore"];
  /** Opens the store of used DPoP proofs. Default: the DynamoDB table of the configuration. */
  readonly openProofStore?: ConfirmationDependencies["openProofStore"];
}

/** All providers in the order of the chain. Those whose shape is cheapest to recognise come first. */
export const PROVIDERS: readonly ((config: Config, dependencies?: ProviderDependencies) => Provider | undefined)[] = [
  apiKey,
  introspection,
  jwt,
  saml,
];

/** The providers that the configuration has a section for, in the order of the chain. */
export function createProviders(config: Config, dependencies?: ProviderDependencies): Provider[] {
  return PROVIDERS.flatMap((create) => create(config, dependencies) ?? []);
}
