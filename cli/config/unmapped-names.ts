import { issuersOf } from "../../providers/jwt/issuer-entry.ts";
import { isForOpaqueTokens } from "../../shared/domain/config/introspection.ts";
import { type JwtIssuer, signsTokens } from "../../shared/domain/config/jwt.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/** What the credentials of one issuer can say of a caller. `ANY`: the credential decides. A list: nothing else. */
interface Source {
  readonly provider: string;
  readonly issuer: string;
  readonly tenants: Values;
  readonly roles: Values;
  readonly scopes: Values;
  readonly attributes: Values;
}

const ANY = "any";
type Values = typeof ANY | readonly string[];

/**
 * Warns about what a rule asks for and no credential can have, because no issuer maps it: tenants, roles, scopes and
 * the values of placeholders. Such a rule opens nothing, and a denial of that kind never applies. Rules that name an
 * issuer or provider which is not configured have a warning of their own.
 */
export function unmappedNames(config: Config): Warning[] {
  const sources = sourcesOf(config);
  return config.routes.flatMap((rule, index) => {
    const asked = sources.filter((source) => isFor(rule, source));
    const path = `routes[${index}] (${rule.name})`;
    return asked.length === 0 ? [] : missingIn(rule, asked).map((message) => ({ path, message }));
  });
}

function sourcesOf(config: Config): Source[] {
  const { jwt, saml, apiKeys, entitlements } = config;
  const credentials = [
    ...(jwt?.issuers ?? []).flatMap((entry) =>
      [signsTokens(entry) && "jwt", isForOpaqueTokens(entry) && "introspection"].flatMap((provider) =>
        provider ? issuersOf(entry).map((issuer) => mapped(provider, issuer, entry.claims, entry.fixed)) : [],
      ),
    ),
    ...(saml?.identityProviders ?? []).map(({ issuer, attributes, fixed }) =>
      mapped("saml", issuer, attributes, fixed),
    ),
  ];
  return [
    ...(entitlements ? credentials.map(entitled) : credentials),
    ...(apiKeys ? [sourceOfKeys(`api-keys:${apiKeys.environment}`)] : []),
  ];
}

/** A record gives roles, scopes and a tenant to whom it is about. A tenant of the credential has to be the record's. */
const entitled = (source: Source): Source => ({
  ...source,
  ...{ roles: ANY, scopes: ANY },
  tenants: source.tenants.length === 0 ? ANY : source.tenants,
});

/** What an issuer's mapping takes out of its credentials, and what it adds to all of them. */
function mapped(
  provider: string,
  issuer: string,
  mapping: { tenant?: unknown; roles: readonly unknown[]; scopes: readonly unknown[]; attributes: object },
  fixed: JwtIssuer["fixed"],
): Source {
  return {
    ...{ provider, issuer, attributes: Object.keys(mapping.attributes) },
    tenants: fixed.tenant !== undefined ? [fixed.tenant] : mapping.tenant === undefined ? [] : ANY,
    roles: mapping.roles.length > 0 ? ANY : (fixed.roles ?? []),
    scopes: mapping.scopes.length > 0 ? ANY : (fixed.scopes ?? []),
  };
}

/** Whoever issues a key gives it what it needs. */
const sourceOfKeys = (issuer: string): Source => ({
  ...{ provider: "api-key", issuer },
  ...{ tenants: ANY, roles: ANY, scopes: ANY, attributes: ANY },
});

function isFor({ issuers, credentials }: RouteRule, { issuer, provider }: Source): boolean {
  const providers = credentials && Object.values(credentials).flat();
  return (!issuers || issuers.includes(issuer)) && (!providers || providers.includes(provider));
}

const canHave = (sources: readonly Source[], what: "tenants" | "roles" | "scopes" | "attributes", name: string) =>
  sources.some(({ [what]: values }) => values === ANY || values.includes(name));

function missingIn(rule: RouteRule, sources: readonly Source[]): string[] {
  const { effect, paths = [], tenants, roles, scopes, attributes = {}, authentication } = rule;
  const consequence = effect === "deny" ? "the denial never applies" : "the rule opens nothing";
  const requirements = Object.entries({ roles, scopes }) as ["roles" | "scopes", RouteRule["roles"]][];
  return [
    ...(tenants && !tenants.some((name) => canHave(sources, "tenants", name))
      ? [`no issuer gives a caller ${tenants.length === 1 ? "this tenant" : "one of these tenants"}: ${consequence}`]
      : []),
    ...Object.keys(attributes)
      .filter((name) => !canHave(sources, "attributes", name))
      .map((name) => `no issuer maps the attribute ${name}: ${consequence}`),
    ...(authentication && sources.every(({ provider }) => provider === "api-key")
      ? [`an API key does not say how anybody signed in: ${consequence}`]
      : []),
    ...requirements.flatMap(([what, requirement]) => unmet(what, requirement, sources, consequence)),
    // A denying rule closes a path of which a value is not known for every value.
    ...(effect === "deny" ? [] : paths.flatMap((path) => unfilled(path, sources))),
  ];
}

function unmet(
  what: "roles" | "scopes",
  requirement: RouteRule["roles"],
  sources: readonly Source[],
  consequence: string,
): string[] {
  if (!requirement) return [];
  const names = Object.values(requirement).flat();
  const missing = names.filter((name) => !canHave(sources, what, name));
  if ("anyOf" in requirement ? missing.length < names.length : missing.length === 0) return [];
  const [name = ""] = missing;
  const one = what === "roles" ? "role" : "scope";
  return [`no issuer maps ${what}, so that nobody has the ${one} ${printable(name) ?? "it asks for"}: ${consequence}`];
}

/** Placeholders of a path that nobody has a value for. */
function unfilled(path: string, sources: readonly Source[]): string[] {
  return [...path.matchAll(/\{(tenant|attributes\.(\w+))\}/g)].flatMap(([placeholder, , attribute]) => {
    const isFilled = attribute
      ? canHave(sources, "attributes", attribute)
      : sources.some(({ tenants }) => tenants.length > 0);
    return isFilled ? [] : [`"${path}": no issuer maps a value for ${placeholder}, so that the path is never open`];
  });
}
