import type { Finding } from "../../../providers/chain.ts";
import { tokenOwner } from "../../../providers/introspection/token-owner.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { WatchedEntitlements } from "../watched-entitlements.ts";
import type { WatchedProviders } from "../watched-providers.ts";
import { keyExpectations } from "./api-key.ts";
import { confirmationExpectations } from "./confirmation.ts";
import { entitlementExpectations } from "./entitlements.ts";
import type { Expectation } from "./expectation.ts";
import { answerAbout, opaqueExpectations } from "./introspection.ts";
import { confirmationIn, credentialExpectations as tokenExpectations } from "./jwt-credential.ts";
import { credentialExpectations as assertionExpectations } from "./saml.ts";

/**
 * What was expected of a credential that was not accepted, and what was found. The credential is read once more for it: the
 * authorizer itself keeps nothing but the reason.
 */
export async function expectationsOf(
  { credential, provider, verdict }: Finding,
  config: Config,
  request: AuthorizationRequest,
  { fetched, records }: Pick<WatchedProviders, "fetched" | "records">,
  entitlements: WatchedEntitlements,
): Promise<readonly Expectation[]> {
  if (verdict.status === "authenticated") return [];
  const { jwt, saml, apiKeys } = config;
  const { value } = credential;
  const { reason } = verdict;
  const principal = entitlements.principalOf(credential);
  // The credential itself is good: what refuses it is the table.
  if (principal) return entitlementExpectations(reason, principal, entitlements);
  const owner = provider === "introspection" ? tokenOwner(config)(value) : undefined;
  const cnf = owner ? answerAbout(owner, fetched)?.cnf : confirmationIn(value);
  const ofSender = confirmationExpectations(reason, { token: value, cnf }, request, config);
  if (ofSender) return ofSender;
  if (provider === "jwt" && jwt) return tokenExpectations(reason, value, jwt, request.time, fetched);
  if (provider === "introspection" && jwt)
    return opaqueExpectations(reason, value, { ...config, jwt }, request.time, fetched);
  if (provider === "saml" && saml) return assertionExpectations(reason, value, saml, request);
  if (provider === "api-key" && apiKeys) return keyExpectations(reason, value, apiKeys, request.time, records);
  return [];
}
