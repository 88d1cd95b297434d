import type { Outcome } from "../../shared/domain/decision.ts";
import type { Reason } from "../../shared/domain/reasons/reasons.ts";
import { APIS, type ApiName } from "../events/apis.ts";
import type { LocalRequest } from "../events/request.ts";
import type { Issuers } from "./issuers.ts";

/** A caller, what it sends, and what must come of it. */
export interface Scenario {
  /** Name on the command line. */
  readonly kind: string;
  readonly title: string;
  readonly method?: string;
  readonly path?: string;
  /** Which door it comes through; by default a REST API with a REQUEST authorizer. */
  readonly api?: ApiName;
  readonly headers: (issuers: Issuers) => Promise<Record<string, string>> | Record<string, string>;
  readonly outcome: Outcome;
  readonly reason?: Reason;
}

const ORDERS = "/tenants/acme/orders";
const READ = { scope: "orders:read" };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const saml = (credential: string) => ({ Authorization: `SAML ${credential}` });
const apiKey = (key: string) => ({ "X-Api-Key": key });

const allowed: Scenario[] = [
  {
    kind: "jwt",
    title: "a user with a JWT",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "jwt-token",
    title: "the same to a TOKEN authorizer",
    api: "rest-token",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: ORDERS,
    outcome: "allow",
  },
  { kind: "saml", title: "a user with a SAML assertion", headers: (by) => saml(by.saml()), outcome: "allow" },
  {
    kind: "saml-response",
    title: "a user with a SAML Response",
    headers: (by) => saml(by.saml({}, { message: "response", sign: ["response"] })),
    outcome: "allow",
  },
  {
    kind: "saml-deflated",
    title: "a user with a deflated assertion of 20 groups",
    headers: (by) =>
      saml(
        by.saml(
          {
            attributes: {
              tenant: "acme",
              scopes: "orders:read",
              groups: Array.from({ length: 20 }, (_, i) => `group-${i}`),
            },
          },
          { encoding: "deflate" },
        ),
      ),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "saml-encrypted",
    title: "a user with a Response whose assertion is encrypted",
    headers: (by) => saml(by.saml({}, { message: "response", encryptFor: by.ourCertificate, encoding: "deflate" })),
    outcome: "allow",
  },
  {
    kind: "saml-once",
    title: "a user with an assertion to be used once",
    headers: (by) => saml(by.saml({ oneTimeUse: true })),
    outcome: "allow",
  },
  {
    kind: "api-key",
    title: "a partner with a key",
    headers: async (by) => apiKey(await by.apiKey({ scopes: ["orders:read"] })),
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "api-key-bearer",
    title: "a partner with a key behind Bearer",
    headers: async (by) => bearer(await by.apiKey()),
    outcome: "allow",
  },
  {
    kind: "partner-user",
    title: "a partner for a user: the scopes that both have",
    headers: async (by) => ({
      ...bearer(await by.jwt({ scope: "orders:write profile" })),
      ...apiKey(await by.apiKey({ scopes: ["orders:write", "orders:read"] })),
    }),
    method: "POST",
    path: ORDERS,
    outcome: "allow",
  },
  {
    kind: "partner-user-joined",
    title: "the same two credentials in one header, which one cache key covers",
    headers: async (by) => ({
      Authorization: `Bearer ${await by.jwt({ scope: "orders:write" })}, ApiKey ${await by.apiKey({ scopes: ["orders:write"] })}`,
    }),
    method: "POST",
    path: ORDERS,
    outcome: "allow",
  },
];

const denied: Scenario[] = [
  {
    kind: "no-right",
    title: "a user without the scope",
    headers: async (by) => bearer(await by.jwt()),
    path: ORDERS,
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "other-tenant",
    title: "a user on another tenant's route",
    headers: async (by) => bearer(await by.jwt(READ)),
    path: "/tenants/globex/orders",
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "key-alone",
    title: "a partner without the user that the route asks for",
    headers: async (by) => apiKey(await by.apiKey({ scopes: ["orders:write"] })),
    method: "POST",
    path: ORDERS,
    outcome: "deny",
    reason: "route_not_granted",
  },
  {
    kind: "outside-addresses",
    title: "a partner outside its allowed addresses",
    headers: async (by) => apiKey(await by.apiKey({ addresses: ["198.51.100.0/24"] })),
    outcome: "deny",
    reason: "address_not_allowed",
  },
  {
    kind: "tenant-mismatch",
    title: "a partner for another tenant's user",
    headers: async (by) => ({ ...bearer(await by.jwt()), ...apiKey(await by.apiKey({ tenant: "globex" })) }),
    outcome: "deny",
    reason: "tenant_mismatch",
  },
  {
    kind: "denied-route",
    title: "an administrator on a route that is denied to all",
    headers: async (by) => bearer(await by.jwt({ roles: ["admin"] })),
    method: "DELETE",
    path: "/admin/audit/1",
    outcome: "deny",
    reason: "route_denied",
  },
];

const refused: Scenario[] = [
  {
    kind: "no-credential",
    title: "no credential",
    headers: () => ({}),
    outcome: "unauthenticated",
    reason: "credential_missing",
  },
  {
    kind: "basic",
    title: "a credential that nobody recognises",
    headers: () => ({ Authorization: "Basic eDp5" }),
    outcome: "unauthenticated",
    reason: "credential_unrecognised",
  },
  {
    kind: "expired-token",
    title: "an expired token",
    headers: async (by) => bearer(await by.jwt({ exp: 1 })),
    outcome: "unauthenticated",
    reason: "token_expired",
  },
  {
    kind: "wrong-audience",
    title: "a token for another API",
    headers: async (by) => bearer(await by.jwt({ aud: "https://other.example" })),
    outcome: "unauthenticated",
    reason: "token_audience_mismatch",
  },
  {
    kind: "forged-token",
    title: "a token whose claims were changed",
    headers: async (by) => bearer(forged(await by.jwt())),
    outcome: "unauthenticated",
    reason: "token_signature_invalid",
  },
  {
    kind: "unknown-issuer",
    title: "a token of an unknown issuer",
    headers: async (by) => bearer(await by.jwt({ iss: "https://evil.example" })),
    outcome: "unauthenticated",
    reason: "token_issuer_unknown",
  },
  {
    kind: "bad-checksum",
    title: "a key with a typo (no database read)",
    headers: async (by) => apiKey(mistyped(by.unknownKey())),
    outcome: "unauthenticated",
    reason: "key_checksum_mismatch",
  },
  {
    kind: "unknown-key",
    title: "a key that nobody issued",
    headers: (by) => apiKey(by.unknownKey()),
    outcome: "unauthenticated",
    reason: "key_unknown",
  },
  {
    kind: "revoked-key",
    title: "a revoked key",
    headers: async (by) => apiKey(await by.apiKey({}, "revoked")),
    outcome: "unauthenticated",
    reason: "key_revoked",
  },
  {
    kind: "revoked-with-user",
    title: "a revoked key beside a valid token",
    headers: async (by) => ({ ...bearer(await by.jwt()), ...apiKey(await by.apiKey({}, "revoked")) }),
    outcome: "unauthenticated",
    reason: "key_revoked",
  },
  {
    kind: "stranger-saml",
    title: "an assertion for another recipient",
    headers: (by) => saml(by.saml({ recipient: "https://other.example/acs" })),
    outcome: "unauthenticated",
    reason: "assertion_recipient_mismatch",
  },
  {
    kind: "unsigned-saml",
    title: "an assertion without signature",
    headers: (by) => saml(by.saml({}, { sign: [] })),
    outcome: "unauthenticated",
    reason: "assertion_unsigned",
  },
];

const troubled: Scenario[] = [
  {
    kind: "key-server-down",
    title: "a token whose issuer's key server is down",
    headers: async (by) => bearer(await by.jwt({ iss: "https://down.local.example" })),
    outcome: "unavailable",
    reason: "key_set_unavailable",
  },
];

export const SCENARIOS: readonly Scenario[] = [...allowed, ...denied, ...refused, ...troubled];

/** The headers that a scenario's caller sends. */
export async function requestHeaders(kind: string, issuers: Issuers): Promise<Record<string, string>> {
  const scenario = SCENARIOS.find((candidate) => candidate.kind === kind);
  if (!scenario) throw new Error(`There is no scenario "${kind}".`);
  return scenario.headers(issuers);
}

/** The event of a scenario. What is given takes the place of the scenario's own. */
export async function eventFor(
  scenario: Scenario,
  issuers: Issuers,
  time: number,
  { api = scenario.api ?? "rest-request", ...request }: Partial<LocalRequest> & { api?: ApiName | undefined } = {},
) {
  const path = request.path ?? scenario.path ?? "/whoami";
  const whole: LocalRequest = {
    method: scenario.method ?? "GET",
    path,
    resource: resourceOf(path),
    address: "203.0.113.7",
    stage: "prod",
    time,
    headers: await scenario.headers(issuers),
    ...request,
  };
  return APIS[api].eventOf(whole);
}

/** The resource of the API that serves a path. */
function resourceOf(path: string): string {
  return path.replace(/^\/tenants\/[^/]+\//, "/tenants/{tenant}/").replace(/^\/admin\/.+/, "/admin/{path+}");
}

/** The token with another subject under the same signature. */
function forged(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: "root" })).toString("base64url")}.${signature}`;
}

const mistyped = (key: string) => `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
