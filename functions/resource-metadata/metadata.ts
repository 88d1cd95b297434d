import { issuersOf } from "../../providers/jwt/issuer-entry.ts";
import { isSecureUrl } from "../../shared/domain/config/common.ts";
import { type ProtectedResource, SCOPE_TOKEN } from "../../shared/domain/config/protected-resources.ts";
import type { Config } from "../../shared/domain/config/schema.ts";

/** Protected resource metadata (RFC 9728 section 2). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported?: readonly string[];
  readonly tls_client_certificate_bound_access_tokens?: true;
  readonly dpop_signing_alg_values_supported?: readonly string[];
  readonly dpop_bound_access_tokens_required?: true;
}

/** The metadata of a resource: what the configuration says of it, and of its issuers and rules. */
export function metadataOf(entry: ProtectedResource, config: Config): ResourceMetadata {
  const { resource, name, documentation } = entry;
  const servers = entry.authorizationServers ?? issuerUrls(config);
  const scopes = entry.scopes ?? scopesOfRules(config);
  return {
    resource,
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
    ...(servers.length > 0 && { authorization_servers: servers }),
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    ...(config.jwt && { bearer_methods_supported: bearerMethods(config) }),
    ...senderConstraints(config),
  };
}

/**
 * By which keys of their senders tokens may be bound, and whether every token must be (RFC 9728 section 2). That the API
 * asks for client certificates is not in the configuration: it is said where an issuer or a rule demands one.
 */
function senderConstraints({ dpop, jwt, routes }: Config): Partial<ResourceMetadata> {
  const issuers = jwt?.issuers ?? [];
  const demands = [...issuers, ...routes].map(({ senderConstrained }) => senderConstrained);
  const isAlwaysDpop = issuers.length > 0 && issuers.every(({ senderConstrained }) => senderConstrained === "dpop");
  return {
    ...(demands.some((each) => each === "mtls" || each === "any") && {
      tls_client_certificate_bound_access_tokens: true as const,
    }),
    ...(dpop && jwt && { dpop_signing_alg_values_supported: dpop.algorithms }),
    ...(dpop && isAlwaysDpop && { dpop_bound_access_tokens_required: true as const }),
  };
}

/**
 * An issuer of another form is no authorization server whose metadata a client could fetch (RFC 8414 section 2). An
 * issuer of workloads has no clients that could ask it for tokens.
 */
const issuerUrls = ({ jwt }: Config): string[] =>
  (jwt?.issuers ?? [])
    .flatMap((entry) => (entry.preset !== undefined && entry.kind === "client" ? [] : issuersOf(entry)))
    .filter((issuer) => isSecureUrl(issuer) && !/[?#]/.test(issuer));

function scopesOfRules({ routes }: Config): string[] {
  const scopes = routes.flatMap(({ effect, scopes: needed }) =>
    effect === "allow" && needed ? Object.values(needed).flat() : [],
  );
  return [...new Set(scopes)].filter((scope) => SCOPE_TOKEN.test(scope)).sort();
}

/** How a token is presented (RFC 6750 section 2): always in a header, in a query only by its standard name. */
const bearerMethods = ({ credentials: { query } }: Config): string[] => [
  "header",
  ...(Object.hasOwn(query, "access_token") && query.access_token === "bearer" ? ["query"] : []),
];
