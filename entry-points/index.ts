import type { Provider } from "../providers/provider.ts";
import { PROVIDERS } from "../providers/registry.ts";
import type { SallyportConfig } from "../shared/domain/config/schema.ts";
import { type AuthorizerFunction, createAuthorizer as createFromProviders } from "./core.ts";

export type { AuthorizerResponse } from "../functions/authorizer/api-kinds/kind.ts";
export { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
export { defineConfig } from "../shared/domain/config/parse.ts";
export type { SallyportConfig } from "../shared/domain/config/schema.ts";
export type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
export type { AuthorizerFunction } from "./core.ts";
export * from "./provider.ts";

/**
 * The Lambda authorizer for a configuration, with every built-in provider; each reads its libraries at its first credential. `sallyport/core` has the
 * same with no provider but those it is given. How API Gateway caches its answers the function's environment says: `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL`.
 *
 * @param own providers of your own, which are asked before the built-in ones, in this order
 * @throws {ConfigurationError} with every mistake
 * @example export const handler = createAuthorizer(config);
 */
export function createAuthorizer(config: SallyportConfig, own: readonly Provider[] = []): AuthorizerFunction {
  return createFromProviders(config, [...own, ...PROVIDERS]);
}
