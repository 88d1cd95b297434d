import { entitlements } from "../providers/entitlements/index.ts";
import type { Provider } from "../providers/provider.ts";
import { PROVIDERS } from "../providers/registry.ts";
import type { SallyportConfig } from "../shared/domain/config/schema.ts";
import { type AuthorizerFunction, createAuthorizer as createFromProviders } from "./core.ts";

export type { AuthorizerResponse } from "../functions/authorizer/api-kinds/kind.ts";
export { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
export { defineConfig } from "../shared/domain/config/define.ts";
export type { SallyportConfig } from "../shared/domain/config/schema.ts";
export type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
export type { AuthorizerFunction } from "./core.ts";
export * from "./provider.ts";

/**
 * Creates a Lambda authorizer with every built-in provider. Each provider loads its libraries at its first credential.
 * `createAuthorizer` of `sallyport/core` has only the providers that you pass. The environment variables
 * `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL` say how API Gateway caches its answers.
 *
 * @param own your own providers; they are asked in this order, before the built-in ones. With one of them, the
 * configuration may have no section of a built-in one
 * @throws {ConfigurationError} with every mistake
 * @example export const handler = createAuthorizer(config);
 */
export function createAuthorizer(config: SallyportConfig, own: readonly Provider[] = []): AuthorizerFunction {
  return createFromProviders(config, [...own, ...PROVIDERS, entitlements]);
}
