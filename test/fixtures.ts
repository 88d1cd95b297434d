import type { Caller } from "../shared/domain/caller/caller.ts";
import type { CacheSettings } from "../shared/domain/config/cache.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";
import type { RouteRequest } from "../shared/domain/policy/covers-request.ts";
import type { Principal } from "../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";

/** The current time of the tests, in seconds since the epoch: Monday, 2026-03-02T10:00:00Z. */
export const NOW = 1_772_445_600;

export const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";

/** Cache settings of a function without a cache, and of one whose answers are cached by Authorization. */
export const UNCACHED: CacheSettings = { cachedBy: undefined, ttl: 0 };
export const CACHED: CacheSettings = { cachedBy: ["authorization"], ttl: 300 };

export function user(overrides: Partial<Principal> = {}): Principal {
  return {
    provider: "jwt",
    subject: "alice",
    kind: "user",
    issuer: "https://id.example.com",
    scopes: [],
    roles: [],
    expiresAt: NOW + 600,
    attributes: {},
    ...overrides,
  };
}

export function client(overrides: Partial<Principal> = {}): Principal {
  return {
    provider: "api-key",
    subject: "partner",
    kind: "client",
    issuer: "api-keys:live",
    scopes: [],
    roles: [],
    attributes: {},
    ...overrides,
  };
}

/** A caller with a single principal that has the same facts, unless `principals` is given. */
export function callerOf(overrides: Partial<Caller> = {}): Caller {
  const { principals, client: _, clientTenant: __, ...facts } = overrides;
  const alone = user({ tenant: "acme", ...facts });
  return { ...alone, ...overrides, principals: principals ?? [alone] };
}

export function requestFor(
  method: string,
  path: string,
  overrides: Partial<AuthorizationRequest & RouteRequest> = {},
): AuthorizationRequest & RouteRequest {
  return {
    credentials: [],
    resource: { api: API, stage: "prod", method, path },
    source: { address: "203.0.113.7", viaVpcEndpoint: false },
    time: NOW,
    cache: undefined,
    ...overrides,
  };
}

export function configOf(overrides: Partial<SallyportConfig> = {}): Config {
  return parseConfig({
    jwt: { issuers: [{ issuer: "https://id.example.com", audience: "https://api.example.com" }] },
    routes: [{ name: "whoami", methods: ["GET"], paths: ["/whoami"] }],
    ...overrides,
  });
}
