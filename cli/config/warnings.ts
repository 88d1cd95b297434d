import { isDeepStrictEqual } from "node:util";
import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import { type IntrospectionClient, isForOpaqueTokens } from "../../shared/domain/config/introspection.ts";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import { presetValues } from "../../shared/domain/config/jwt-presets.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { SecretSource } from "../../shared/domain/config/secret.ts";
import { nearestName } from "../../shared/domain/nearest-name.ts";
import { MAX_RESULT_LENGTH } from "../../shared/domain/policy/document.ts";
import { configuredIssuers } from "../configured-issuers.ts";
import { shownValue } from "../explain/shown-value.ts";
import { estimateResult } from "./estimate.ts";

/** A valid but risky setting. */
export interface Warning {
  /** Path of the option, for example `jwt.issuers[0]`. */
  readonly path: string;
  readonly message: string;
}

/** A warning is given when a result takes more than this share of the 8 KB. */
const WARNING_SHARE = 0.8;

/**
 * Lists the valid but risky settings of a configuration.
 *
 * @param cache how API Gateway caches the function's answers
 * @param time seconds since the epoch; policies are measured for the week that follows
 */
export function warningsFor(config: Config, cache: CacheSettings, time: number): Warning[] {
  return [
    ...providerWarnings(config),
    ...jwtWarnings(config),
    ...senderWarnings(config, cache),
    ...samlWarnings(config, cache),
    ...entitlementWarnings(config),
    ...secretWarnings(config),
    ...placeWarnings(config),
    ...config.routes.flatMap((rule, index) => ruleWarnings(rule, `routes[${index}] (${rule.name})`, config)),
    ...sizeWarnings(config, time),
  ];
}

/** One warning if the condition holds. */
function warnIf(condition: unknown, path: string, message: string): Warning[] {
  return condition ? [{ path, message }] : [];
}

function providerWarnings({ jwt, saml, apiKeys }: Config): Warning[] {
  return warnIf(
    !jwt && !saml && !apiKeys,
    "(root)",
    "no jwt, saml or apiKeys: it needs a function with a provider of your own, and any other function does not start",
  );
}

function jwtWarnings({ jwt }: Config): Warning[] {
  return (jwt?.issuers ?? []).flatMap((entry, index) => {
    const path = `jwt.issuers[${index}]`;
    const allowsIdTokens = entry.types?.some((type) => /^(application\/)?(jwt|jose)$/i.test(type));
    return [
      ...warnIf(
        !entry.audience && !(entry.preset === "cognito" && entry.clientIds),
        path,
        "no audience: tokens that the issuer made for other APIs are accepted",
      ),
      ...warnIf(
        // Google has no other tokens that an API could verify.
        allowsIdTokens && entry.preset !== "google",
        `${path}.types`,
        "ID tokens have this type too: they are accepted although they are meant for clients",
      ),
      ...warnIf(
        entry.keys && "secret" in entry.keys,
        path,
        "a shared secret: everyone who can verify these tokens can also create them",
      ),
      ...warnIf(
        entry.introspection?.endpoint?.startsWith("http:") && "tls" in entry.introspection.client,
        `${path}.introspection.endpoint`,
        "http: no certificate can be shown, and every question fails",
      ),
    ];
  });
}

/** Only an authorizer without a cache confirms senders, but for certificates that are in the key of the cache. */
function senderWarnings({ dpop, jwt }: Config, { cachedBy, certificate }: CacheSettings): Warning[] {
  if (!cachedBy) return [];
  const refused = (tokens: string) =>
    `${tokens} are refused where API Gateway caches answers; the function needs SALLYPORT_CACHED_BY=none`;
  return [
    ...warnIf(dpop, "dpop", refused("tokens that are bound to a DPoP key")),
    ...(jwt?.issuers ?? []).flatMap(({ senderConstrained }, index) =>
      warnIf(
        senderConstrained && !(certificate && senderConstrained === "mtls"),
        `jwt.issuers[${index}].senderConstrained`,
        refused("its tokens"),
      ),
    ),
  ];
}

function samlWarnings({ saml }: Config, { cachedBy }: CacheSettings): Warning[] {
  const entries = (saml?.identityProviders ?? []).flatMap((entry, index) => {
    const { algorithms, encryptionAlgorithms, certificateDates, metadata, replay } = entry;
    const path = `saml.identityProviders[${index}]`;
    return [
      ...warnIf(algorithms.includes("rsa-sha1"), `${path}.algorithms`, "rsa-sha1: SHA-1 signatures can be forged"),
      ...warnIf(
        encryptionAlgorithms.some((name) => name.endsWith("-cbc")),
        `${path}.encryptionAlgorithms`,
        "CBC: accepted only inside a signed Response; all else is refused",
      ),
      ...warnIf(
        certificateDates !== "refuse",
        `${path}.certificateDates`,
        `${certificateDates}: expired certificates stay trusted`,
      ),
      ...warnIf(
        metadata && !metadata.signedBy && metadata.url?.startsWith("http:"),
        `${path}.metadata.url`,
        "http without signedBy: anybody on the network path can replace the trusted certificates",
      ),
      ...warnIf(
        replay === "once" && cachedBy,
        `${path}.replay`,
        "once: assertions are refused where API Gateway caches answers; the function needs SALLYPORT_CACHED_BY=none",
      ),
    ];
  });
  const none = "empty: every assertion is refused until an identity provider is named";
  return [...warnIf(saml?.identityProviders.length === 0, "saml.identityProviders", none), ...entries];
}

/** Records are found by the subject: who gets another's claim gets another's rights, and leaves his lockout behind. */
function entitlementWarnings({ jwt, saml, entitlements }: Config): Warning[] {
  if (!entitlements) return [];
  const message =
    "entitlements are found by this value: it must never change, nor be given to another person, or lockouts and rights follow it";
  const claims = (jwt?.issuers ?? []).map((entry, index) =>
    warnIf(!isStable(entry), `jwt.issuers[${index}].claims.subject`, message),
  );
  const attributes = (saml?.identityProviders ?? []).map(({ attributes: { subject } }, index) =>
    warnIf(subject !== undefined, `saml.identityProviders[${index}].attributes.subject`, message),
  );
  return [...claims, ...attributes].flat();
}

/** `sub`, or what the preset takes in its place because it never changes. */
const isStable = ({ preset, issuer, claims: { subject } }: JwtIssuer): boolean =>
  [subject].flat().join() === "sub" ||
  (preset !== undefined && isDeepStrictEqual(subject, presetValues(preset, { issuer }).claims?.subject));

function secretWarnings({ jwt, saml, apiKeys, dpop }: Config): Warning[] {
  const secrets = [
    ...(dpop?.nonce ? [{ secret: dpop.nonce.secret, path: "dpop.nonce.secret" }] : []),
    ...(apiKeys?.peppers ?? []).map(({ secret }, index) => ({ secret, path: `apiKeys.peppers[${index}].secret` })),
    ...(saml?.decryption?.keys ?? []).map((secret, index) => ({ secret, path: `saml.decryption.keys[${index}]` })),
    ...(jwt?.issuers ?? []).flatMap(({ keys }, index) =>
      keys && "secret" in keys ? [{ secret: keys.secret, path: `jwt.issuers[${index}].keys.secret` }] : [],
    ),
    ...(jwt?.issuers ?? []).flatMap(({ introspection }, index) =>
      introspection ? [clientSecret(introspection.client, `jwt.issuers[${index}].introspection.client`)] : [],
    ),
  ];
  return secrets.flatMap(({ secret, path }) =>
    "environment" in secret
      ? [{ path, message: "an environment variable: everyone who may read the function's configuration can read it" }]
      : [],
  );
}

function clientSecret(client: IntrospectionClient, path: string): { secret: SecretSource; path: string } {
  if ("secret" in client) return { secret: client.secret, path: `${path}.secret` };
  if ("tls" in client) return { secret: client.tls.key, path: `${path}.tls.key` };
  return { secret: client.privateKey, path: `${path}.privateKey` };
}

function placeWarnings({ credentials, merge, policy, httpApi, dpop }: Config): Warning[] {
  return [
    ...Object.keys(credentials.query).map((name) => ({
      path: `credentials.query.${name}`,
      message: "access logs and browser histories record a credential in the query string",
    })),
    ...warnIf(
      merge.scopes === "union",
      "merge.scopes",
      "union: a user's token and a partner's key together have the scopes of both",
    ),
    ...warnIf(
      !policy.explicitDeny,
      "policy.explicitDeny",
      "off: a permissive resource policy opens every route to every caller",
    ),
    ...warnIf(
      httpApi.simpleResponses !== false,
      "httpApi.simpleResponses",
      "on: a cached simple response can outlive its credential; with a cache, simple responses need the route and the address as identity sources",
    ),
    ...warnIf(
      dpop?.nonce && httpApi.simpleResponses !== false,
      "dpop.nonce",
      "an HTTP API cannot tell its clients the nonce: they need a route without the authorizer that does (dpopNonces of sallyport/dpop)",
    ),
    ...warnIf(
      !policy.bindAddress,
      "policy.bindAddress",
      "off: a cached policy serves everyone who presents the credential, from any address",
    ),
  ];
}

function ruleWarnings(rule: RouteRule, path: string, config: Config): Warning[] {
  const unlimited = !rule.credentials && !rule.scopes && !rule.roles && !rule.tenants && !rule.issuers && !rule.kind;
  const allows = rule.effect === "allow";
  return [
    ...warnIf(allows && unlimited && rule.paths?.includes("/*"), path, "allows every path to every caller"),
    ...(rule.paths ?? []).flatMap((value) =>
      warnIf(
        allows && /\*./.test(value),
        path,
        `"${value}": '*' also matches '/', so longer paths with this ending are allowed too`,
      ),
    ),
    ...warnIf(
      rule.senderConstrained === "dpop" && !config.dpop,
      path,
      "no `dpop` is configured: tokens that are bound to a DPoP key are refused",
    ),
    ...unknownNames(rule, config).map((message) => ({ path, message })),
  ];
}

/** Providers and issuers that a rule requires but the configuration does not have. Such a rule never applies. */
function unknownNames(rule: RouteRule, { jwt, saml, apiKeys }: Config): string[] {
  const isOpaque = jwt?.issuers.some(isForOpaqueTokens);
  const providers = [jwt && "jwt", isOpaque && "introspection", saml && "saml", apiKeys && "api-key"];
  const issuers = configuredIssuers({ jwt, saml, apiKeys });
  const required = rule.credentials ? Object.values(rule.credentials).flat() : [];
  return [
    ...required
      .filter((name) => !providers.includes(name))
      .map((name) => {
        const nearest = nearestName(name, ["jwt", "introspection", "saml", "api-key"]);
        return `no provider "${name}" is configured${nearest && nearest !== name ? `; did you mean "${nearest}"?` : ""}`;
      }),
    ...(rule.issuers ?? [])
      .filter((name) => !issuers.includes(name))
      .map((name) => `no issuer ${shownValue(name)} is configured`),
  ];
}

function sizeWarnings(config: Config, time: number): Warning[] {
  const { whole, shortest, withoutAddress } = estimateResult(config, time);
  const caller = "a caller to whom every rule applies gets a result of";
  const warn = (message: string) => [{ path: "routes", message: `${caller} ${message}` }];
  const limit = `API Gateway takes ${MAX_RESULT_LENGTH}`;
  if (shortest > MAX_RESULT_LENGTH * WARNING_SHARE) return warn(`${bytes(shortest)}; ${limit}`);
  if (withoutAddress > MAX_RESULT_LENGTH * WARNING_SHARE) {
    return warn(
      `${bytes(withoutAddress)} from an authorizer that does not get the caller's address (TOKEN), with the addresses of all rules; ${limit}`,
    );
  }
  if (whole <= MAX_RESULT_LENGTH) return [];
  return warn(
    `${bytes(whole)}, with all windows of an hour; ${limit}. Such a policy ends when a window opens or closes, and callers get 403 until it leaves the cache`,
  );
}

const bytes = (length: number) => (Number.isFinite(length) ? `about ${length} bytes` : "far too many bytes");
