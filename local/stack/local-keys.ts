import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { LOCAL } from "../stage/configuration.ts";
import type { LocalLogin } from "./login/local-login.ts";
import { withLocalLogin } from "./login/login-config.ts";

/** Variable with the local secret of issuers that sign with a shared one. */
export const SHARED_SECRET = "SALLYPORT_LOCAL_JWT_SECRET";

/** What the local issuers have in place of the real ones. */
export interface LocalKeys {
  /** URL of the key set of all local JWT issuers. */
  readonly keySet: string;
  /** Endpoint of the local introspection server. */
  readonly introspection?: string | undefined;
  /** Issuer of the local authorization server. */
  readonly authorizationServer: string;
  /** Certificate of the local SAML identity provider. */
  readonly samlCertificate: string;
  /** Certificate for which assertions are encrypted. */
  readonly encryptionCertificate: string;
  /** Names of the template's tables. A table that is not of the template has another, local name. */
  readonly tables?: readonly string[];
  /** Where the login is, if the template has one. */
  readonly login?: LocalLogin | undefined;
}

/**
 * The project's configuration with local keys and addresses in place of its own, and nothing else changed: the names of
 * issuers and audiences, mappings, fixed values and limits are what is deployed. A table of the template keeps its name,
 * because the template's functions have it too. A section that the project does not
 * have is not added, except that one more JWT issuer, whose key server cannot be reached, shows what an outage does.
 */
export function withLocalKeys(project: SallyportConfig, local: LocalKeys): SallyportConfig {
  const table = (name: string) => localTable(name, LOCAL.loginTable, local);
  // Its issuer has keys of its own, and comes last.
  return withLocalLogin(withKeys(project, local), local.login, table, local.encryptionCertificate);
}

function withKeys(project: SallyportConfig, local: LocalKeys): SallyportConfig {
  const { jwt, saml, apiKeys, dpop, entitlements, protectedResources, ...rest } = project;
  return {
    ...rest,
    ...(jwt && { jwt: localJwt(jwt, local) }),
    ...(saml && { saml: localSaml(saml, local) }),
    ...(apiKeys && { apiKeys: localApiKeys(apiKeys, local) }),
    ...(dpop && { dpop: localDpop(dpop, local) }),
    ...(protectedResources && {
      protectedResources: protectedResources.map((each) => ({
        ...each,
        authorizationServers: [local.authorizationServer],
      })),
    }),
    ...(entitlements && {
      entitlements: { ...entitlements, table: localTable(entitlements.table, LOCAL.entitlementsTable, local) },
    }),
  };
}

type Dpop = NonNullable<SallyportConfig["dpop"]>;

function localDpop({ nonce, ...dpop }: Dpop, local: LocalKeys): Dpop {
  return {
    ...dpop,
    replayTable: localTable(dpop.replayTable, LOCAL.proofsTable, local),
    ...(nonce && { nonce: { ...nonce, secret: { environment: LOCAL.pepperVariable } } }),
  };
}

type Jwt = NonNullable<SallyportConfig["jwt"]>;

function localJwt(jwt: Jwt, { keySet, introspection }: LocalKeys): Jwt {
  const down = { issuer: LOCAL.downIssuer, audience: LOCAL.audience, keys: { jwksUri: LOCAL.downKeys } };
  const issuers = jwt.issuers.map((issuer) => {
    const asked = withLocalServer(issuer, introspection);
    // One for opaque tokens alone has no keys.
    if (!issuer.keys && asked.introspection && asked.introspection.tokens !== "jwt") return asked;
    const isShared = issuer.keys && "secret" in issuer.keys;
    return { ...asked, keys: isShared ? { secret: { environment: SHARED_SECRET } } : { jwksUri: keySet } };
  });
  return { ...jwt, issuers: [...issuers, down] };
}

type Issuer = Jwt["issuers"][number];

/** An issuer whose tokens the local introspection server knows. */
function withLocalServer(issuer: Issuer, endpoint: string | undefined): Issuer {
  if (!issuer.introspection) return issuer;
  const client = { clientId: LOCAL.introspectionClient, secret: { environment: LOCAL.introspectionVariable } };
  return {
    ...issuer,
    introspection: { ...issuer.introspection, client, endpoint: endpoint ?? LOCAL.downIntrospection },
  };
}

type Saml = NonNullable<SallyportConfig["saml"]>;

function localSaml(saml: Saml, local: LocalKeys): Saml {
  const { samlCertificate, encryptionCertificate } = local;
  const { decryption, replayTable, identityProviders, ...rest } = saml;
  const keys = [{ environment: LOCAL.decryptionVariable }];
  return {
    ...rest,
    ...(decryption && { decryption: { keys, certificate: encryptionCertificate } }),
    ...(replayTable !== undefined && { replayTable: localTable(replayTable, LOCAL.assertionsTable, local) }),
    identityProviders: identityProviders.map((provider) =>
      isOnThisMachine(provider) ? provider : withLocalCertificate(provider, samlCertificate),
    ),
  };
}

type IdentityProvider = Saml["identityProviders"][number];

/** One whose metadata are on loopback, such as a Keycloak, is used as it is. */
const isOnThisMachine = ({ metadata }: IdentityProvider): boolean => metadata?.url?.startsWith("http:") === true;

function withLocalCertificate({ metadata: _, ...provider }: IdentityProvider, certificate: string): IdentityProvider {
  return {
    ...provider,
    certificates: [certificate],
    // The local identity provider has an RSA key.
    ...(provider.algorithms?.every((name) => !name.startsWith("rsa-")) && { algorithms: ["rsa-sha256" as const] }),
  };
}

type ApiKeys = NonNullable<SallyportConfig["apiKeys"]>;

function localApiKeys(apiKeys: ApiKeys, local: LocalKeys): ApiKeys {
  const secret = { environment: LOCAL.pepperVariable };
  return {
    ...apiKeys,
    table: localTable(apiKeys.table, LOCAL.table, local),
    peppers: apiKeys.peppers.map((pepper) => ({ ...pepper, secret })),
  };
}

const localTable = (table: string, otherwise: string, { tables = [] }: LocalKeys) =>
  tables.includes(table) ? table : otherwise;
