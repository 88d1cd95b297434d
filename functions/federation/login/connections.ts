import type { FederationConfig } from "../../../shared/domain/config/federation.ts";
import type { SamlConfig, SamlIdentityProvider } from "../../../shared/domain/config/saml.ts";
import type { SamlLogin } from "../../../shared/domain/config/saml-login.ts";

/** One enterprise's identity provider, as people log in there. */
export interface Connection {
  readonly name: string;
  readonly entry: SamlIdentityProvider;
  readonly login: SamlLogin;
  /** Our entity ID towards this identity provider. Each has its own, so that an assertion is for one connection alone. */
  readonly entityId: string;
  /** Our assertion consumer service for it. */
  readonly consumerUrl: string;
}

/** The connections of a configuration, by name. */
export function connectionsOf(
  { issuer }: Pick<FederationConfig, "issuer">,
  { identityProviders }: Pick<SamlConfig, "identityProviders">,
): ReadonlyMap<string, Connection> {
  return new Map(
    identityProviders.flatMap((entry) => {
      const { login } = entry;
      if (!login) return [];
      const base = `${issuer}/saml/${login.connection}`;
      const names = { name: login.connection, entityId: `${base}/metadata`, consumerUrl: `${base}/acs` };
      return [[login.connection, { ...names, entry, login }]];
    }),
  );
}
