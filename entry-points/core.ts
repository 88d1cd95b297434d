import type { Context } from "aws-lambda";
import type { AuthorizerResponse } from "../functions/authorizer/api-kinds/kind.ts";
import { createHandler } from "../functions/authorizer/create-handler.ts";
import type { Entitlements } from "../providers/entitlements/index.ts";
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

/** Sections of the configuration, each with the name of what it needs. */
const SECTIONS = { jwt: "jwt", saml: "saml", apiKeys: "api-key", entitlements: "entitlements" } as const;

/** Makes what a table says of callers, from the section of the configuration: `entitlements`. */
export type EntitlementsFactory = (config: Config) => Entitlements | undefined;

/**
 * Creates a Lambda authorizer with only the given providers, so that a bundler leaves the others out. The configuration
 * needs a section for each built-in one, and none for your own. The environment
 * variables `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL` say how API Gateway caches its answers.
 *
 * @param providers built-in providers such as `jwt` of `sallyport/jwt`, or your own; they are asked in this order. And
 * `entitlements` of `sallyport/entitlements`, anywhere among them, for its section
 * @throws {ConfigurationError} with every mistake, such as a section of the configuration without its provider, no
 * provider at all, or a wrong value in one of the two environment variables
 * @example export const handler = createAuthorizer(config, [jwt, apiKey]);
 */
export function createAuthorizer(
  config: SallyportConfig,
  providers: readonly (Provider | ProviderFactory | EntitlementsFactory)[],
): AuthorizerFunction {
  const checked = parseConfig(config);
  const parts = providers.flatMap((part) => (typeof part === "function" ? (part(checked) ?? []) : part));
  const created = parts.filter((part) => "recognises" in part);
  const entitlements = parts.find((part) => "entitle" in part);
  const missing = Object.entries(SECTIONS).filter(
    ([section, name]) => checked[section as keyof typeof SECTIONS] && !parts.some((part) => part.name === name),
  );
  const opaque = opaqueMistakes(checked, created);
  if (missing.length + opaque.length > 0) {
    throw new ConfigurationError("the authorizer", [
      ...missing.map(([path, name]) => ({
        path,
        found: name === "entitlements" ? "a section without its step" : "a section without its provider",
        allowed: `${name === "entitlements" ? name : `the provider ${name}`} among the providers`,
      })),
      ...opaque,
    ]);
  }
  if (created.length === 0) throw noProviderError("the authorizer");
  const handler = createHandler(checked, created, readCacheSettings(checked), entitlements);
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
