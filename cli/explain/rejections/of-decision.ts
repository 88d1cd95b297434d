import type { Trace } from "../../../functions/authorizer/authorize.ts";
import { isForOpaqueTokens, prefixesOf } from "../../../shared/domain/config/introspection.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { boundAddresses } from "../../../shared/domain/policy/grants.ts";
import { climbs } from "../../../shared/domain/policy/spellings.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { CredentialLocation } from "../../../shared/domain/request/credential.ts";
import { placesOf } from "../../../shared/domain/request/find.ts";
import { credentialName } from "../rules/unmet.ts";
import { quoted } from "../shown-value.ts";
import { anyOf, type Expectation, expectation } from "./expectation.ts";

/** What was expected of the request as a whole, and what was found, where that decided. */
export function decisionExpectations(
  { decision }: Pick<Trace, "decision">,
  principals: readonly Principal[],
  request: AuthorizationRequest,
  config: Config,
): Expectation[] {
  const reason = "reason" in decision ? decision.reason : undefined;
  const { credentials, cache, source } = request;
  const found = credentials.map(({ location }) => placeText(location)).join(", ") || "none";
  switch (reason) {
    case "credential_missing": {
      const expected = placesOf(config.credentials)
        .map(([place]) => placeText(place))
        .join(", ");
      return [{ of: "credential", expected: `one in ${expected}`, found }];
    }
    case "credential_unrecognised":
      return credentials.map(({ scheme, value }) => ({
        ...{ of: "credential", expected: recognised(config) },
        found: `${value.length} characters of the scheme ${scheme}`,
      }));
    case "credential_misplaced":
    case "credential_ambiguous": {
      const expected = cache?.headers ? `each in ${anyOf(cache.headers)}, once` : "each in an identity source, once";
      return [{ of: "credentials", expected, found, hint: "--cached-by says by what the function is cached" }];
    }
    case "credential_too_many": {
      const { maxCount } = config.credentials;
      return [{ of: "credentials", expected: `at most ${maxCount} (maxCount)`, found: String(credentials.length) }];
    }
    case "tenant_mismatch":
      return principals.map((each) => ({
        ...{ of: credentialName(each), expected: "the tenant of the others, or none" },
        found: each.tenant === undefined ? "none" : quoted(each.tenant),
      }));
    case "principals_conflict":
      return principals.map((each) =>
        expectation(credentialName(each), "one client, and one person (merge.samePerson)", each.kind),
      );
    case "address_not_allowed": {
      const caller = "caller" in decision ? decision.caller : undefined;
      const addresses = caller && boundAddresses(caller, { ...source }, { ...config.policy, bindAddress: false });
      // Otherwise it is the rule that does not hold there.
      return addresses
        ? [expectation("address", `one of ${addresses.join(", ") || "none"} (the credentials')`, source.address)]
        : [];
    }
    case "route_not_granted": {
      const { resource } = request;
      const isClimbing = !("graphqlApi" in resource) && climbs(resource.path);
      const expected = "without .., and without an encoded dot or percent sign";
      return isClimbing ? [{ of: "path", expected, found: "one that no rule can allow" }] : [];
    }
    default:
      return [];
  }
}

/** What the configured providers recognise. */
function recognised({ jwt, saml, apiKeys }: Config): string {
  const opaque = (jwt?.issuers ?? []).filter(isForOpaqueTokens);
  const prefixes = opaque.flatMap(prefixesOf);
  const isRest = opaque.length > 0 && opaque.some((entry) => prefixesOf(entry).length === 0);
  const forms = [
    ...(jwt ? ["Bearer and a JWT"] : []),
    ...(prefixes.length > 0 ? [`Bearer and a token that begins with ${prefixes.join(" or ")}`] : []),
    ...(isRest ? ["Bearer and an opaque token"] : []),
    ...(saml ? ["SAML and an assertion"] : []),
    ...(apiKeys ? [`ApiKey and a key that begins with ${apiKeys.prefix}_`] : []),
  ];
  return forms.join(", or ");
}

const placeText = ({ in: place, name }: CredentialLocation): string => (place === "token" ? name : `${place} ${name}`);
