import { type FederationClient, GRANT_TYPES } from "../../../shared/domain/config/federation.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import { formOf, type Parameters } from "../http/parameters.ts";
import type { Services } from "../services.ts";
import { redeemCode } from "./authorization-code.ts";
import { clientOf } from "./client-authentication.ts";
import { exchangeToken } from "./exchange.ts";
import { redeemAssertion } from "./saml-bearer.ts";

type GrantName = keyof typeof GRANT_TYPES;

/** `POST /token` (OAuth 2.1 section 3.2). */
export async function answerToken(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  const parameters = formOf(request);
  const grant = grantOf(parameters.get("grant_type"));
  const client = await clientOf(request, parameters, time, services);
  if (!client.grants.includes(grant)) {
    throw new OAuthError("unauthorized_client", "The client may not use this grant_type.");
  }
  const token = await redeem(grant, { client, parameters, request, time, services });
  // RFC 6749 section 5.1. `no-store` is on every answer.
  return { ...jsonAnswer(200, token, { Pragma: "no-cache" }), log: { client: client.id, grant } };
}

interface Redemption {
  readonly client: FederationClient;
  readonly parameters: Parameters;
  readonly request: HttpRequest;
  readonly time: number;
  readonly services: Services;
}

function redeem(grant: GrantName, { client, parameters, request, time, services }: Redemption): Promise<object> {
  if (grant === "authorization_code") return redeemCode(client, parameters, request, time, services);
  if (grant === "saml2") return redeemAssertion(client, parameters, request, time, services);
  return exchangeToken(client, parameters, request, time, services);
}

function grantOf(type: string | undefined): GrantName {
  if (type === undefined) throw new OAuthError("invalid_request", "grant_type is missing.");
  const found = (Object.keys(GRANT_TYPES) as GrantName[]).find((name) => GRANT_TYPES[name] === type);
  if (!found) throw new OAuthError("unsupported_grant_type", "The grant_type is not supported.");
  return found;
}
