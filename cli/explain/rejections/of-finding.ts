import type { Finding } from "../../../providers/chain.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { WatchedProviders } from "../watched-providers.ts";
import { keyExpectations } from "./api-key.ts";
import { confirmationExpectations } from "./confirmation.ts";
import type { Expectation } from "./expectation.ts";
import { confirmationIn, credentialExpectations as tokenExpectations } from "./jwt.ts";
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
): Promise<readonly Expectation[]> {
  if (verdict.status === "authenticated") return [];
  const { value } = credential;
  const { reason } = verdict;
  const { jwt, saml, apiKeys } = config;
  const ofSender = confirmationExpectations(reason, { token: value, cnf: confirmationIn(value) }, request, config);
  if (ofSender) return ofSender;
  if (provider === "jwt" && jwt) return tokenExpectations(reason, value, jwt, request.time, fetched);
  if (provider === "saml" && saml) return assertionExpectations(reason, value, saml, request);
  if (provider === "api-key" && apiKeys) return keyExpectations(reason, value, apiKeys, request.time, records);
  return [];
}
