import type { RouteRule } from "../../../shared/domain/config/routes.ts";
import { isAuthenticated, isDeniedFor } from "../../../shared/domain/policy/authentication.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { matchesText } from "../../../shared/domain/text/text-pattern.ts";
import { shownTime } from "../shown-time.ts";
import { quotedList } from "../shown-value.ts";
import type { Obstacle } from "./obstacle.ts";
import { needed, oneOf, satisfies } from "./requirement.ts";

/**
 * What of a rule is met by none of the principals.
 *
 * @param union the scopes of all principals, if they count for each
 */
export function lacking(
  rule: RouteRule,
  principals: readonly Principal[],
  union: readonly string[] | undefined,
): Obstacle[] {
  const { credentials, issuers, kind, senderConstrained, tenants, roles, scopes } = rule;
  const { attributes = {}, authentication } = rule;
  const some = (meets: (principal: Principal) => boolean) => principals.some(meets);
  const all = (each: (principal: Principal) => readonly string[]) => [...new Set(principals.flatMap(each))];
  const providers = all(({ provider }) => [provider]);
  const obstacles: Obstacle[] = [];
  const demand = (option: Obstacle["option"], isMet: boolean, needs: string, held: readonly string[]) => {
    if (!isMet) obstacles.push({ option, text: `${needs}; ${held.length > 0 ? `found ${quotedList(held)}` : NONE}` });
  };
  if (credentials) {
    demand("credentials", satisfies(credentials, providers), `needs ${needed(credentials, "credential")}`, providers);
  }
  if (issuers) {
    const isMet = some(({ issuer }) => issuers.includes(issuer));
    demand(
      "issuers",
      isMet,
      `is for ${oneOf(issuers, "issuer")}`,
      all(({ issuer }) => [issuer]),
    );
  }
  if (kind) {
    const isMet = some((each) => each.kind === kind || (rule.effect === "deny" && each.kind === "unknown"));
    demand(
      "kind",
      isMet,
      `is for the kind ${kind}`,
      all((each) => [each.kind]),
    );
  }
  if (senderConstrained) {
    const confirmedBy = all(({ confirmation = [] }) => confirmation);
    const isMet =
      senderConstrained === "any" ? confirmedBy.length > 0 : satisfies({ anyOf: [senderConstrained] }, confirmedBy);
    const how = { any: "a client certificate or DPoP", mtls: "a client certificate", dpop: "DPoP" }[senderConstrained];
    demand("senderConstrained", isMet, `needs a credential whose sender is confirmed by ${how}`, confirmedBy);
  }
  if (tenants) {
    const isMet = some(({ tenant }) => tenant !== undefined && tenants.includes(tenant));
    demand(
      "tenants",
      isMet,
      `is for ${oneOf(tenants, "tenant")}`,
      all(({ tenant }) => (tenant === undefined ? [] : [tenant])),
    );
  }
  if (roles) {
    demand(
      "roles",
      some((each) => satisfies(roles, each.roles)),
      `needs ${needed(roles, "role")}`,
      all((each) => each.roles),
    );
  }
  if (scopes) {
    const isMet = union ? satisfies(scopes, union) : some((each) => satisfies(scopes, each.scopes));
    demand("scopes", isMet, `needs ${needed(scopes, "scope")}`, union ?? all((each) => each.scopes));
  }
  for (const [name, patterns] of Object.entries(attributes)) {
    const values = all(({ attributes: own }) => (Object.hasOwn(own, name) ? [String(own[name])] : []));
    const isMet = values.some((value) => patterns.some((pattern) => matchesText(pattern, value)));
    demand("attributes", isMet, `needs ${oneOf(patterns, `attribute ${name} like`)}`, values);
  }
  if (authentication) {
    const isMet =
      rule.effect === "deny"
        ? isDeniedFor(principals, authentication)
        : some((each) => isAuthenticated(each, authentication));
    demand("authentication", isMet, `needs ${signInText(authentication)}`, all(statedSignIn));
  }
  return obstacles;
}

/** @example 'a sign-in with context "high", with method "mfa" or "hwk", at most 900 s ago' */
function signInText({ contexts, methods, maxAge }: NonNullable<RouteRule["authentication"]>): string {
  return [
    "a sign-in",
    contexts && `with ${oneOf(contexts, "context")}`,
    methods && `with ${needed(methods, "method")}`,
    maxAge !== undefined && `at most ${maxAge} s ago`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** What a credential says of how its person signed in. */
const statedSignIn = ({ authentication: { contextClass, methods = [], time } = {} }: Principal): string[] => [
  ...(contextClass === undefined ? [] : [`context ${contextClass}`]),
  ...methods.map((method) => `method ${method}`),
  ...(time === undefined ? [] : [`time ${shownTime(Math.floor(time))}`]),
];

const NONE = "the caller has none";
