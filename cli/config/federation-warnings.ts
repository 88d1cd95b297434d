import { connectionsOf } from "../../functions/federation/login/connections.ts";
import { metadataOf } from "../../functions/resource-metadata/metadata.ts";
import { issuersOf } from "../../providers/jwt/issuer-entry.ts";
import type { FederationConfig } from "../../shared/domain/config/federation.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** Warns about a login that is valid, and of which something cannot work or is open to more than was meant. */
export function federationWarnings(config: Config): Warning[] {
  const { federation } = config;
  if (!federation) return [];
  return [
    ...acceptanceWarnings(federation, config),
    ...connectionWarnings(federation, config),
    ...clientWarnings(federation, config),
    ...exchangeWarnings(federation, config),
    ...discoveryWarnings(federation, config),
    ...warnIf(
      federation.signing !== "kms",
      "federation.signing",
      "a private key in the process, for development: use kms where others rely on the tokens",
    ),
  ];
}

const warnIf = (condition: unknown, path: string, message: string): Warning[] => (condition ? [{ path, message }] : []);

/** Whether the API takes the tokens of the login, and reads of them what binds. */
function acceptanceWarnings({ issuer, resources }: FederationConfig, { jwt }: Config): Warning[] {
  const index = (jwt?.issuers ?? []).findIndex((entry) => issuersOf(entry).includes(issuer));
  const entry = jwt?.issuers[index];
  if (!entry) {
    const missing = `no issuer of \`jwt\` takes the login's tokens: add { preset: "sallyport", issuer: "${issuer}" }`;
    return [{ path: "federation.issuer", message: missing }];
  }
  const path = `jwt.issuers[${index}]`;
  return [
    ...warnIf(
      entry.preset !== "sallyport",
      path,
      'the login\'s tokens without preset "sallyport": their kind and the addresses that they are limited to are not read',
    ),
    ...warnIf(
      entry.audience && !entry.audience.some((audience) => resources.includes(audience)),
      `${path}.audience`,
      "none of `federation.resources`: every token of the login is refused here",
    ),
  ];
}

function connectionWarnings(federation: FederationConfig, { saml }: Config): Warning[] {
  const connections = saml ? [...connectionsOf(federation, saml).values()] : [];
  const logsIn = federation.clients.some(({ grants }) => grants.includes("authorization_code"));
  const own = new Set(connections.flatMap(({ entityId, consumerUrl }) => [entityId, consumerUrl]));
  const shared = (option: "audience" | "recipients") =>
    warnIf(
      saml?.[option].some((name) => own.has(name)),
      `saml.${option}`,
      "a name of the login: an assertion that answers a login is accepted at the API too, by whoever has it",
    );
  return [
    ...warnIf(
      logsIn && connections.length === 0,
      "federation.clients",
      "no identity provider has `login`: nobody can log in",
    ),
    ...shared("audience"),
    ...shared("recipients"),
  ];
}

function clientWarnings({ clients }: FederationConfig, { apiKeys }: Config): Warning[] {
  return clients.flatMap(({ id, redirectUris, authentication }, index) => {
    const path = `federation.clients[${index}] (${id})`;
    return [
      ...warnIf(
        redirectUris.some((uri) => uri.startsWith("http:")),
        path,
        "a redirect URI on loopback: every program on the user's machine can listen there. For development, or an application on that machine",
      ),
      ...warnIf(
        authentication === "api-key" && !apiKeys,
        path,
        "authenticates by API key, and there is no `apiKeys`: it is always refused",
      ),
    ];
  });
}

function exchangeWarnings({ subjectTokens, clients }: FederationConfig, { jwt, saml, apiKeys }: Config): Warning[] {
  const known = new Set([
    ...(jwt?.issuers ?? []).flatMap(issuersOf),
    ...(saml?.identityProviders ?? []).map(({ issuer }) => issuer),
    ...(apiKeys ? [`api-keys:${apiKeys.environment}`] : []),
  ]);
  return [
    ...subjectTokens.flatMap(({ issuer, name }, index) =>
      warnIf(
        !known.has(issuer),
        `federation.subjectTokens[${index}] (${name})`,
        "no issuer of `jwt`, `saml` or `apiKeys`: none of its credentials is accepted",
      ),
    ),
    ...warnIf(
      subjectTokens.length > 0 && !clients.some(({ grants }) => grants.includes("exchange")),
      "federation.subjectTokens",
      "no client has the grant `exchange`: nobody can exchange a credential",
    ),
  ];
}

/** Whether clients that discover the login from a resource get tokens for it there (RFC 9728). */
const discoveryWarnings = ({ issuer, resources }: FederationConfig, config: Config): Warning[] =>
  (config.protectedResources ?? []).flatMap((entry, index) =>
    warnIf(
      (metadataOf(entry, config).authorization_servers ?? []).includes(issuer) && !resources.includes(entry.resource),
      `protectedResources[${index}].resource`,
      "its metadata lead clients to the login, which has no tokens for it: add it to `federation.resources`",
    ),
  );
