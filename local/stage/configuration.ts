import { hash } from "node:crypto";
import bundled from "../../sallyport.config.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import {
  entitlementsTableDefinition,
  keysTableDefinition,
  tableDefinition,
} from "../../shared/infrastructure/dynamodb/table.ts";
import { createTable } from "./database.ts";
import { type Identities, publicJwk } from "./identities.ts";

/** Names shared by the local issuers and the authorizer's configuration. */
export const LOCAL = {
  jwtIssuer: "https://id.local.example",
  /** An issuer whose key server cannot be reached: nothing listens on the discard port. */
  downIssuer: "https://down.local.example",
  downKeys: "http://127.0.0.1:9/keys",
  /** An issuer of opaque tokens, and one whose introspection server cannot be reached. */
  opaqueIssuer: "https://opaque.local.example",
  opaquePrefix: "local_at_",
  downOpaqueIssuer: "https://down-opaque.local.example",
  downOpaquePrefix: "down_at_",
  downIntrospection: "http://127.0.0.1:9/introspect",
  introspectionClient: "sallyport",
  introspectionVariable: "SALLYPORT_LOCAL_INTROSPECTION_SECRET",
  audience: "https://api.local.example",
  /** The issuer of GitHub Actions, with the local key: a workload's token is not from GitHub here. */
  workloadIssuer: "https://token.actions.githubusercontent.com",
  /**
   * Client id of the application that Alice uses. It differs from `sub`, so a token's subject is a user (RFC 9068
   * section 2.2).
   */
  webClient: "web",
  samlIssuer: "https://idp.local.example/metadata",
  samlAudience: "https://api.local.example/saml",
  samlRecipient: "https://api.local.example/saml/acs",
  table: "sallyport-keys",
  assertionsTable: "sallyport-used-assertions",
  proofsTable: "sallyport-used-proofs",
  /** Origin of the local API, for which DPoP proofs are made. */
  origin: "https://api.local.example",
  entitlementsTable: "sallyport-entitlements",
  loginTable: "sallyport-login",
  pepperVariable: "SALLYPORT_LOCAL_PEPPER",
  decryptionVariable: "SALLYPORT_LOCAL_SAML_KEY",
} as const;

type JwtIssuer = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

/**
 * A configuration that trusts the local issuers, with the routes and all other sections of the project.
 *
 * @param jwt the JWT issuer; by default one whose key is in the configuration
 * @param workloadKeys the keys of tokens of workloads; by default the same key
 * @param project by default `sallyport.config.ts`
 * @param introspection endpoint for opaque tokens; by default one that cannot be reached
 */
export function localConfig(
  identities: Identities,
  jwt: Pick<JwtIssuer, "issuer" | "keys"> = inPlace(identities),
  project: SallyportConfig = bundled,
  workloadKeys: JwtIssuer["keys"] = inPlace(identities).keys,
  introspection: string = LOCAL.downIntrospection,
): SallyportConfig {
  const { jwt: _, saml: __, apiKeys: ___, dpop, ...rest } = project;
  const claims = { tenant: "tenant", roles: ["roles"], attributes: { email: "email" } };
  return {
    ...rest,
    jwt: {
      issuers: [
        { ...jwt, audience: LOCAL.audience, claims },
        { issuer: LOCAL.downIssuer, audience: LOCAL.audience, keys: { jwksUri: LOCAL.downKeys } },
        {
          preset: "github-actions",
          issuer: LOCAL.workloadIssuer,
          audience: LOCAL.audience,
          keys: workloadKeys,
          requiredClaims: { repository_owner_id: "65", sub: { like: "repo:acme/*:ref:refs/heads/main" } },
        },
        { ...opaque(LOCAL.opaqueIssuer, LOCAL.opaquePrefix, introspection), claims },
        opaque(LOCAL.downOpaqueIssuer, LOCAL.downOpaquePrefix, LOCAL.downIntrospection),
      ],
    },
    saml: {
      audience: LOCAL.samlAudience,
      recipients: LOCAL.samlRecipient,
      replayTable: LOCAL.assertionsTable,
      decryption: {
        keys: [{ environment: LOCAL.decryptionVariable }],
        certificate: identities.samlEncryption.certificate,
      },
      identityProviders: [
        {
          issuer: LOCAL.samlIssuer,
          certificates: [identities.saml.certificate],
          attributes: { tenant: "tenant", scopes: ["scopes"], roles: ["groups"], attributes: { email: "email" } },
        },
      ],
    },
    dpop: {
      ...dpop,
      origins: [LOCAL.origin],
      replayTable: LOCAL.proofsTable,
      nonce: { secret: { environment: LOCAL.pepperVariable } },
    },
    apiKeys: { table: LOCAL.table, peppers: [{ id: "local", secret: { environment: LOCAL.pepperVariable } }] },
  };
}

/** An issuer of opaque tokens. */
const opaque = (issuer: string, prefix: string, endpoint: string): JwtIssuer => ({
  issuer,
  audience: LOCAL.audience,
  introspection: {
    tokens: { prefix },
    endpoint,
    client: { clientId: LOCAL.introspectionClient, secret: { environment: LOCAL.introspectionVariable } },
  },
});

/** The environment variables with the secrets of this configuration. */
export const localSecrets = ({ pepper, samlEncryption }: Identities): Record<string, string> => ({
  [LOCAL.introspectionVariable]: hash("sha256", `introspection ${pepper}`, "base64url"),
  [LOCAL.pepperVariable]: pepper,
  [LOCAL.decryptionVariable]: samlEncryption.privateKey,
});

/** Creates the tables of this configuration, and that of entitlements. */
export async function createLocalTables(
  endpoint: string,
  keys: string = LOCAL.table,
  entitlements: string = LOCAL.entitlementsTable,
): Promise<void> {
  await Promise.all([
    createTable(endpoint, keysTableDefinition(keys)),
    createTable(endpoint, entitlementsTableDefinition(entitlements)),
    createTable(endpoint, tableDefinition(LOCAL.assertionsTable)),
    createTable(endpoint, tableDefinition(LOCAL.proofsTable)),
    createTable(endpoint, tableDefinition(LOCAL.loginTable)),
  ]);
}

function inPlace(identities: Identities): Pick<JwtIssuer, "issuer" | "keys"> {
  return { issuer: LOCAL.jwtIssuer, keys: { jwks: { keys: [publicJwk(identities)] } } };
}
