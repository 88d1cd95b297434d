import { defineConfig } from "./shared/domain/config/define.ts";
import type { SamlPreset } from "./shared/domain/config/saml-presets.ts";

const {
  SALLYPORT_JWT_ISSUER: jwtIssuer,
  SALLYPORT_JWT_AUDIENCE: jwtAudience,
  SALLYPORT_INTROSPECTION_CLIENT: introspectionClient,
  SALLYPORT_INTROSPECTION_SECRET: introspectionSecret = "",
  SALLYPORT_SAML_ISSUER: samlIssuer,
  SALLYPORT_SAML_CERTIFICATE: samlCertificate,
  SALLYPORT_SAML_METADATA: samlMetadata,
  SALLYPORT_SAML_PRESET: samlPreset,
  SALLYPORT_SAML_DECRYPTION_SECRET: samlDecryption,
  SALLYPORT_ASSERTIONS_TABLE: assertionsTable,
  SALLYPORT_DPOP_ORIGINS: dpopOrigins,
  SALLYPORT_DPOP_NONCES: dpopNonces,
  SALLYPORT_PROOFS_TABLE: proofsTable = "",
  SALLYPORT_SAML_AUDIENCE: samlAudience,
  SALLYPORT_SAML_RECIPIENT: samlRecipient,
  SALLYPORT_KEYS_TABLE: keysTable = "sallyport-keys",
  SALLYPORT_PEPPER_SECRET: pepperSecret = "sallyport/pepper",
  SALLYPORT_RESOURCE: resource,
  SALLYPORT_RESOURCE_SCOPES: resourceScopes,
  SALLYPORT_ENTITLEMENTS_TABLE: entitlementsTable,
  SALLYPORT_ENTITLEMENTS_MAX_AGE: entitlementsMaxAge = "0",
  SALLYPORT_LOGIN_URL: loginUrl,
  SALLYPORT_LOGIN_RESOURCE: loginResource,
  SALLYPORT_LOGIN_SSO_URL: loginSingleSignOnUrl,
  SALLYPORT_LOGIN_REDIRECT_URIS: loginRedirectUris,
  SALLYPORT_LOGIN_TABLE: loginTable,
} = process.env;

/** The authorizer's configuration. `npm run check` checks it, and docs/configuration.md explains every option. */
export default defineConfig({
  ...((jwtIssuer || loginUrl) && {
    jwt: {
      issuers: [
        ...(jwtIssuer
          ? [
              {
                issuer: jwtIssuer,
                // Without an audience, a token for any API of the issuer would be accepted: the text is required.
                // Clients that found the API by its metadata ask for a token for its identifier (RFC 8707).
                audience: resource ? [jwtAudience ?? "", resource] : (jwtAudience ?? ""),
                algorithms: ["RS256" as const, "ES256" as const],
                claims: { tenant: "tenant", roles: ["roles"], attributes: { email: "email" } },
                // Opaque tokens are asked about, and JWTs are still verified by their signature.
                ...(introspectionClient && {
                  keys: { discovery: true as const },
                  introspection: {
                    client: { clientId: introspectionClient, secret: { secretsManager: introspectionSecret } },
                  },
                }),
              },
            ]
          : []),
        // Tokens of the login (docs/federation.md).
        ...(loginUrl
          ? [
              {
                preset: "sallyport" as const,
                issuer: loginUrl,
                audience: loginResource ?? "",
                keys: { jwksUri: `${loginUrl}/jwks` },
              },
            ]
          : []),
      ],
    },
  }),

  // The service provider's metadata need no identity provider: its administrator wants them first.
  ...((samlIssuer || samlAudience) && {
    saml: {
      audience: samlAudience ?? "",
      recipients: samlRecipient ?? "",
      ...(samlDecryption && { decryption: { keys: [{ secretsManager: samlDecryption }] } }),
      ...(assertionsTable && { replayTable: assertionsTable }),
      identityProviders: samlIssuer
        ? [
            {
              issuer: samlIssuer,
              ...(samlMetadata ? { metadata: { url: samlMetadata } } : { certificates: [samlCertificate ?? ""] }),
              ...(samlPreset
                ? { preset: samlPreset as SamlPreset }
                : {
                    attributes: {
                      tenant: "tenant",
                      scopes: ["scopes"],
                      roles: ["groups"],
                      attributes: { email: "email" },
                    },
                  }),
              ...(loginSingleSignOnUrl && { login: { connection: "main", singleSignOnUrl: loginSingleSignOnUrl } }),
            },
          ]
        : [],
    },
  }),

  // The login alone has its table: the authorizer only takes its tokens.
  ...(loginTable && {
    federation: {
      issuer: loginUrl ?? "",
      table: loginTable,
      resources: loginResource ?? "",
      signing: "kms",
      clients: [{ id: "web", redirectUris: loginRedirectUris?.split(" ") ?? [] }],
    },
  }),

  // A URL of the API says its origin too.
  ...(dpopOrigins && {
    dpop: {
      origins: dpopOrigins.split(" ").map((url) => URL.parse(url)?.origin ?? url),
      replayTable: proofsTable,
      ...(dpopNonces === "true" && { nonce: { secret: { secretsManager: pepperSecret } } }),
    },
  }),

  apiKeys: { table: keysTable, peppers: [{ id: "p1", secret: { secretsManager: pepperSecret } }] },

  ...(resource && {
    protectedResources: [{ resource, ...(resourceScopes && { scopes: resourceScopes.split(" ") }) }],
  }),
  ...(entitlementsTable && { entitlements: { table: entitlementsTable, maxCacheAge: Number(entitlementsMaxAge) } }),

  // AppSync shows a field to every caller unless the authorizer denies it, so all protected fields are listed here.
  appSync: { fields: ["Query.orders", "Query.auditLog", "Mutation.placeOrder"] },

  routes: [
    { name: "whoami", methods: ["GET"], paths: ["/whoami"] },
    {
      name: "read-orders",
      methods: ["GET"],
      paths: ["/tenants/{tenant}/orders", "/tenants/{tenant}/orders/*"],
      fields: ["Query.orders"],
      scopes: { allOf: ["orders:read"] },
    },
    {
      name: "place-orders",
      methods: ["POST"],
      paths: ["/tenants/{tenant}/orders"],
      fields: ["Mutation.placeOrder"],
      scopes: { allOf: ["orders:write"] },
      // A partner's key alone can read orders. Placing an order for a user needs the user's token too.
      credentials: { allOf: ["api-key", "jwt"] },
    },
    { name: "live-updates", webSocket: true, scopes: { anyOf: ["orders:read"] } },
    { name: "own-profile", methods: ["GET", "PUT"], paths: ["/users/{subject}"], kind: "user" },
    {
      name: "reports",
      methods: ["GET"],
      paths: ["/reports/*"],
      roles: { anyOf: ["analyst", "admin"] },
      windows: [
        { days: ["mon", "tue", "wed", "thu", "fri"], from: "06:00", until: "20:00", timeZone: "Europe/Berlin" },
      ],
    },
    {
      name: "admin",
      methods: "ANY",
      paths: ["/admin/*"],
      fields: ["Query.auditLog"],
      roles: { allOf: ["admin"] },
      kind: "user",
    },
    // The API that administers API keys (docs/admin-api.md). A caller with a tenant manages the keys of its tenant alone.
    {
      name: "read-api-keys",
      methods: ["GET"],
      paths: ["/keys", "/keys/*", "/openapi.json"],
      scopes: { allOf: ["keys:read"] },
    },
    { name: "issue-api-keys", methods: ["POST"], paths: ["/keys", "/keys/*"], scopes: { allOf: ["keys:write"] } },
    { name: "change-api-keys", methods: ["PATCH", "DELETE"], paths: ["/keys/*"], scopes: { allOf: ["keys:write"] } },
    // The same API administers entitlements (docs/entitlements.md). A caller with a tenant is refused, whatever its scopes.
    {
      name: "read-entitlements",
      methods: ["GET"],
      paths: ["/entitlements", "/entitlements/*", "/openapi.json"],
      scopes: { allOf: ["entitlements:read"] },
    },
    {
      name: "change-entitlements",
      methods: ["POST", "PATCH", "DELETE"],
      paths: ["/entitlements/*"],
      scopes: { allOf: ["entitlements:write"] },
    },
    { name: "no-audit-deletion", effect: "deny", methods: ["DELETE"], paths: ["/admin/audit", "/admin/audit/*"] },
  ],
});
