import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { LOCAL } from "../../stage/configuration.ts";
import { LOGIN_KEY, type LocalLogin } from "./local-login.ts";

/**
 * A configuration with the local login in place of the project's: its URL, its key, the page of the identity providers,
 * and one redirect URI more. Without a login in the template the configuration has none either: its tokens are then those
 * of any other issuer.
 *
 * @param tableNamed gives a table its local name
 * @param certificate of the local key that signs requests
 */
export function withLocalLogin(
  project: SallyportConfig,
  login: LocalLogin | undefined,
  tableNamed: (table: string) => string,
  certificate: string,
): SallyportConfig {
  const { federation, jwt, saml, routes, ...rest } = project;
  if (!federation || !login)
    return { ...rest, ...(jwt && { jwt }), ...(saml && { saml: withoutLogins(saml) }), routes };
  const named = (issuer: string) => (issuer === federation.issuer ? login.url : issuer);
  return {
    ...rest,
    federation: {
      ...federation,
      ...{ issuer: login.url, table: tableNamed(federation.table) },
      signing: { development: { environment: LOGIN_KEY } },
      ...(federation.requestSigning && {
        requestSigning: { key: { environment: LOCAL.decryptionVariable }, certificate },
      }),
      clients: clientsWith(federation.clients, login.redirectUri),
    },
    ...(jwt && {
      jwt: {
        ...jwt,
        issuers: jwt.issuers.map((each) =>
          each.issuer === federation.issuer
            ? { ...each, issuer: login.url, keys: { jwksUri: `${login.url}/jwks` } }
            : each,
        ),
      },
    }),
    ...(saml && {
      saml: {
        ...saml,
        identityProviders: saml.identityProviders.map((each) =>
          each.login && !isLoopback(each.login.singleSignOnUrl)
            ? { ...each, login: { ...each.login, singleSignOnUrl: login.singleSignOnUrl } }
            : each,
        ),
      },
    }),
    routes: routes.map((rule) => (rule.issuers ? { ...rule, issuers: rule.issuers.map(named) } : rule)),
  };
}

/** An identity provider on this machine, such as a Keycloak, is used as it is: https is demanded of all others. */
const isLoopback = (url: string) => url.startsWith("http:");

type Saml = NonNullable<SallyportConfig["saml"]>;

const withoutLogins = (saml: Saml): Saml => ({
  ...saml,
  identityProviders: saml.identityProviders.map(({ login: _, ...provider }) => provider),
});

type Clients = NonNullable<SallyportConfig["federation"]>["clients"];

/** The first public client can be used from the page of the local stack. */
function clientsWith(clients: Clients, redirectUri: string): Clients {
  const first = clients.find(
    ({ authentication = "none", grants = ["authorization_code"] }) =>
      authentication === "none" && grants.includes("authorization_code"),
  );
  return clients.map((each) =>
    each === first ? { ...each, redirectUris: [...(each.redirectUris ?? []), redirectUri] } : each,
  );
}
