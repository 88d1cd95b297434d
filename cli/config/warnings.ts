import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { MAX_RESULT_LENGTH } from "../../shared/domain/policy/document.ts";
import { estimateResult } from "./estimate.ts";

/** Something that the schema allows and an operator may regret. */
export interface Warning {
  readonly path: string;
  readonly message: string;
}

/** Share of the 8 KB that a result may take before it is worth a warning. */
const NEAR = 0.8;

/**
 * Everything legal and unwise in a configuration.
 *
 * @param cache what the environment of the function says beside it
 * @param time seconds since the epoch: policies are measured for the week that follows
 */
export function warningsFor(config: Config, cache: CacheSettings, time: number): Warning[] {
  return [
    ...jwtWarnings(config),
    ...samlWarnings(config, cache),
    ...secretWarnings(config),
    ...placeWarnings(config),
    ...config.routes.flatMap((rule, index) => ruleWarnings(rule, `routes[${index}] (${rule.name})`, config)),
    ...sizeWarnings(config, time),
  ];
}

function jwtWarnings({ jwt }: Config): Warning[] {
  return (jwt?.issuers ?? []).flatMap((entry, index) => {
    const path = `jwt.issuers[${index}]`;
    return [
      ...(entry.audience
        ? []
        : [{ path, message: "no audience: tokens that the issuer made for any other API are accepted here" }]),
      ...(entry.types?.some((type) => /^(application\/)?(jwt|jose)$/i.test(type))
        ? [
            {
              path: `${path}.types`,
              message: "a type that ID tokens have too: they are accepted, though made for clients",
            },
          ]
        : []),
      ...("secret" in entry.keys
        ? [{ path, message: "a shared secret: everyone who can check these tokens can make them" }]
        : []),
    ];
  });
}

function samlWarnings({ saml }: Config, { cachedBy }: CacheSettings): Warning[] {
  return (saml?.identityProviders ?? []).flatMap((entry, index) => {
    const warn = (option: string, message: string) => ({ path: `saml.identityProviders[${index}].${option}`, message });
    return [
      ...(entry.algorithms.includes("rsa-sha1")
        ? [warn("algorithms", "rsa-sha1: SHA-1 signatures can be forged")]
        : []),
      ...(entry.encryptionAlgorithms.some((name) => name.endsWith("-cbc"))
        ? [warn("encryptionAlgorithms", "CBC: only within a Response that is signed itself; others are refused")]
        : []),
      ...(entry.certificateDates === "refuse"
        ? []
        : [warn("certificateDates", `${entry.certificateDates}: keys that were to be retired go on being trusted`)]),
      ...(entry.metadata && !entry.metadata.signedBy && entry.metadata.url?.startsWith("http:")
        ? [warn("metadata.url", "http and no signedBy: whoever stands in between says whom to trust")]
        : []),
      ...(entry.replay === "once" && cachedBy
        ? [
            warn(
              "replay",
              "once: assertions are refused wherever API Gateway caches the answer, as it does unless the function says SALLYPORT_CACHED_BY=none",
            ),
          ]
        : []),
    ];
  });
}

function secretWarnings({ jwt, saml, apiKeys }: Config): Warning[] {
  const secrets = [
    ...(apiKeys?.peppers ?? []).map(({ secret }, index) => ({ secret, path: `apiKeys.peppers[${index}].secret` })),
    ...(saml?.decryption?.keys ?? []).map((secret, index) => ({ secret, path: `saml.decryption.keys[${index}]` })),
    ...(jwt?.issuers ?? []).flatMap(({ keys }, index) =>
      "secret" in keys ? [{ secret: keys.secret, path: `jwt.issuers[${index}].keys.secret` }] : [],
    ),
  ];
  return secrets.flatMap(({ secret, path }) =>
    "environment" in secret
      ? [{ path, message: "an environment variable: readable by everyone who may describe the function" }]
      : [],
  );
}

function placeWarnings({ credentials, merge, policy, httpApi }: Config): Warning[] {
  return [
    ...Object.keys(credentials.query).map((name) => ({
      path: `credentials.query.${name}`,
      message: "a credential in the query string ends up in access logs and browser histories",
    })),
    ...(merge.scopes === "union"
      ? [{ path: "merge.scopes", message: "union: a user's token with a partner's key can do what either can" }]
      : []),
    ...(policy.explicitDeny
      ? []
      : [
          {
            path: "policy.explicitDeny",
            message: "off: a permissive resource policy opens every route to every caller",
          },
        ]),
    ...(httpApi.simpleResponses === false
      ? []
      : [
          {
            path: "httpApi.simpleResponses",
            message:
              "on: answers without conditions outlive the credential in a cache, and where the cache is on there are none unless route and address are identity sources",
          },
        ]),
    ...(policy.bindAddress
      ? []
      : [
          {
            path: "policy.bindAddress",
            message: "off: a policy in the cache answers whoever presents the credential, from any address",
          },
        ]),
  ];
}

function ruleWarnings(rule: RouteRule, path: string, config: Config): Warning[] {
  const unlimited = !rule.credentials && !rule.scopes && !rule.roles && !rule.tenants && !rule.issuers && !rule.kind;
  const open = rule.effect === "allow" && unlimited;
  return [
    ...(open && rule.paths?.includes("/*") ? [{ path, message: "allows every path to every caller" }] : []),
    ...(rule.paths ?? []).flatMap((value) =>
      /\*./.test(value) && rule.effect === "allow"
        ? [{ path, message: `"${value}": '*' also matches '/', so longer paths with this ending are allowed too` }]
        : [],
    ),
    ...unknownNames(rule, config).map((message) => ({ path, message })),
  ];
}

/** Names that no part of the configuration can bring about: such a rule never applies. */
function unknownNames(rule: RouteRule, { jwt, saml, apiKeys }: Config): string[] {
  const providers = [jwt && "jwt", saml && "saml", apiKeys && "api-key"];
  const issuers = [
    ...(jwt?.issuers ?? []).map(({ issuer }) => issuer),
    ...(saml?.identityProviders ?? []).map(({ issuer }) => issuer),
    ...(apiKeys ? [`api-keys:${apiKeys.environment}`] : []),
  ];
  const required = rule.credentials ? Object.values(rule.credentials).flat() : [];
  return [
    ...required.filter((name) => !providers.includes(name)).map((name) => `no provider "${name}" is configured`),
    ...(rule.issuers ?? [])
      .filter((name) => !issuers.includes(name))
      .map((name) => `no issuer ${printable(name) ?? "of such a name"} is configured`),
  ];
}

function sizeWarnings(config: Config, time: number): Warning[] {
  const { whole, shortest, withoutAddress } = estimateResult(config, time);
  const caller = "a caller to whom every rule applies gets a result of";
  const warn = (message: string) => [{ path: "routes", message: `${caller} ${message}` }];
  const limit = `API Gateway takes ${MAX_RESULT_LENGTH}`;
  if (shortest > MAX_RESULT_LENGTH * NEAR) return warn(`${bytes(shortest)}; ${limit}`);
  if (withoutAddress > MAX_RESULT_LENGTH * NEAR) {
    return warn(
      `${bytes(withoutAddress)} from an authorizer that is told no address (TOKEN), with the addresses of all rules; ${limit}`,
    );
  }
  if (whole <= MAX_RESULT_LENGTH) return [];
  return warn(
    `${bytes(whole)}, with all windows of an hour; ${limit}. Such policies end where a window opens or closes, and callers see 403 until the cache forgets them`,
  );
}

const bytes = (length: number) => (Number.isFinite(length) ? `about ${length} bytes` : "far too many bytes");
