import type { Context } from "aws-lambda";
import type { AuthorizerResponse } from "../functions/authorizer/api-kinds/kind.ts";
import { createHandler } from "../functions/authorizer/create-handler.ts";
import { opaqueIssuers } from "../providers/introspection/token-owner.ts";
import type { Provider, ProviderFactory } from "../providers/provider.ts";
import { readCacheSettings } from "../shared/domain/config/cache.ts";
import { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
import type { Mistake } from "../shared/domain/config/mistakes.ts";
import { noProviderError } from "../shared/domain/config/no-provider.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";

export type { AuthorizerResponse } from "../functions/authorizer/api-kinds/kind.ts";
export { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
export { defineConfig } from "../shared/domain/config/define.ts";
export type { SallyportConfig } from "../shared/domain/config/schema.ts";
export type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
export * from "./provider.ts";

/**
 * Answers an event of a REST, HTTP or WebSocket API or of AppSync. The promise rejects with `Unauthorized` for an
 * unknown caller, and with `unavailable` if no decision is possible.
 */
export type AuthorizerFunction = (event: unknown, context: Context) => Promise<AuthorizerResponse>;

/** Sections of the configuration, each with the name of the provider that it needs. */
const SECTIONS = { jwt: "jwt", saml: "saml", apiKeys: "api-key" } as const;

/**
 * Creates a Lambda authorizer with only the given providers, so that a bundler leaves the others out. The configuration
 * needs a section for each built-in one, and none for your own. The environment
 * variables `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL` say how API Gateway caches its answers.
 *
 * @param providers built-in providers such as `jwt` of `sallyport/jwt`, or your own; they are asked in this order
 * @throws {ConfigurationError} with every mistake, such as a section of the configuration without its provider, no
 * provider at all, or a wrong value in one of the two environment variables
 * @example export const handler = createAuthorizer(config, [jwt, apiKey]);
 */
export function createAuthorizer(
  config: SallyportConfig,
  providers: readonly (Provider | ProviderFactory)[],
): AuthorizerFunction {
  const checked = parseConfig(config);
  const created = providers.flatMap((provider) =>
    typeof provider === "function" ? (provider(checked) ?? []) : provider,
  );
  const missing = Object.entries(SECTIONS).filter(
    ([section, name]) =>
      checked[section as keyof typeof SECTIONS] && !created.some((provider) => provider.name === name),
  );
  const opaque = opaqueMistakes(checked, created);
  if (missing.length + opaque.length > 0) {
    throw new ConfigurationError("the authorizer", [
      ...missing.map(([path, name]) => ({
        path,
        found: "a section without its provider",
        allowed: `the provider ${name} among the providers`,
      })),
      ...opaque,
    ]);
  }
  if (created.length === 0) throw noProviderError("the authorizer");
  const handler = createHandler(checked, created, readCacheSettings(checked));
  return (event, context) => handler(event, context);
}

/** Opaque tokens need their own provider, and it must be asked first: a token with a dot would be taken for a JWT. */
function opaqueMistakes(config: Config, providers: readonly Provider[]): Mistake[] {
  if (opaqueIssuers(config).length === 0) return [];
  const [own, others] = ["introspection", "jwt"].map((name) => providers.findIndex((each) => each.name === name));
  const isFirst = own !== undefined && own >= 0 && (others === undefined || others < 0 || own < others);
  const allowed = "the provider introspection among the providers, before jwt";
  return isFirst ? [] : [{ path: "jwt.issuers", found: "opaque tokens without their provider", allowed }];
}
