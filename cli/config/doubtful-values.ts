import { PRIVATE_MEMBERS } from "../../providers/jwt/key-set.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { RouteRule } from "../../shared/domain/config/routes.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Warning } from "./warnings.ts";

/**
 * Warns about values that the schema takes and that are most probably meant otherwise: names of documentation,
 * addresses that stand for many issuers, and the spelling of other products' paths and scopes.
 */
export function doubtfulValues({ jwt, saml, routes }: Config): Warning[] {
  return [
    ...(jwt?.issuers ?? []).flatMap(({ issuer, keys, fixed }, index) => [
      ...said(`jwt.issuers[${index}].keys.jwks`, keys && "jwks" in keys ? keys.jwks.keys.flatMap(doubtsAboutKey) : []),
      ...said(`jwt.issuers[${index}].issuer`, doubtsAboutIssuer(issuer)),
      ...said(`jwt.issuers[${index}].fixed.scopes`, (fixed.scopes ?? []).flatMap(doubtsAboutScope)),
    ]),
    ...(saml?.identityProviders ?? []).flatMap(({ issuer, metadata, fixed }, index) => [
      ...said(`saml.identityProviders[${index}].issuer`, isExample(issuer) ? [EXAMPLE] : []),
      ...said(`saml.identityProviders[${index}].metadata.url`, isExample(metadata?.url ?? "") ? [EXAMPLE] : []),
      ...said(`saml.identityProviders[${index}].fixed.scopes`, (fixed.scopes ?? []).flatMap(doubtsAboutScope)),
    ]),
    ...routes.flatMap((rule, index) => said(`routes[${index}] (${rule.name})`, doubtsAboutRule(rule))),
  ];
}

const said = (path: string, messages: readonly string[]): Warning[] => messages.map((message) => ({ path, message }));

const EXAMPLE = "a name reserved for documentation (RFC 2606): nobody can have a credential of it";

/** Names of RFC 2606 that cannot be anybody's. `.test` and `localhost` are names to test with. */
function isExample(issuer: string): boolean {
  const host = URL.parse(issuer)?.hostname ?? "";
  return /(^|\.)(example\.(com|net|org)|example|invalid)$/.test(host);
}

function doubtsAboutKey(key: object): string[] {
  return PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name))
    ? ["a private or symmetric key: it is not used, and whoever reads the configuration has it"]
    : [];
}

function doubtsAboutIssuer(issuer: string): string[] {
  const url = URL.parse(issuer);
  if (!url) return [];
  if (isExample(issuer)) return [EXAMPLE];
  // https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
  const isEntra = /(^|\.)(login\.microsoftonline\.com|sts\.windows\.net)$/.test(url.hostname);
  const [, alias] = /^\/(common|organizations|consumers)(\/|$)/.exec(url.pathname) ?? [];
  if (isEntra && alias) {
    return [`"${alias}" stands for every tenant: the tokens name the tenant's own id in its place, so none matches`];
  }
  // https://auth0.com/docs/secure/tokens/access-tokens/validate-access-tokens
  if (/\.auth0\.com$/.test(url.hostname) && !issuer.endsWith("/")) {
    return ["the tokens of Auth0 name the issuer with a '/' at its end, so none matches"];
  }
  // https://docs.github.com/actions/reference/security/oidc#oidc-token-claims
  if (url.hostname === "token.actions.githubusercontent.com" && issuer.endsWith("/")) {
    return ["the tokens of GitHub Actions name the issuer without a '/' at its end, so none matches"];
  }
  return [];
}

/** First segments that are names of stages far more often than of resources. */
const STAGES = /^\/(\$default|default|prod|production|dev|development|stag(e|ing)|test|qa|uat)(\/|$)/;

function doubtsAboutRule({ paths = [], scopes }: RouteRule): string[] {
  const stage = paths.map((path) => STAGES.exec(path)?.[1]).find(Boolean);
  return [
    ...paths.flatMap((path) => {
      const [, parameter] = /\/(:[A-Za-z]\w*)/.exec(path) ?? [];
      return parameter
        ? [`"${path}": "${parameter}" stands for itself; write "*", or a placeholder such as {subject}`]
        : [];
    }),
    ...(stage ? [`paths have no stage: is "/${stage}" one? Then leave it out`] : []),
    ...paths
      .filter((path) => path.length > 1 && path.endsWith("/"))
      .map((path) => `"${path}": with the '/' at its end it is another path than "${path.slice(0, -1)}"`),
    ...Object.values(scopes ?? {})
      .flat()
      .flatMap(doubtsAboutScope),
  ];
}

function doubtsAboutScope(scope: string): string[] {
  const shown = printable(scope) ?? "a scope";
  if (/\s/.test(scope))
    return [`${shown}: a scope has no spaces (RFC 6749 section 3.3), so nobody has it; write a list`];
  return scope.includes(",") ? [`${shown}: one scope with a comma in it; several are a list`] : [];
}
