import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import { Refusal, TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { eventBase } from "../event-base.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import { resourceOf, scopesOf } from "../login/authorization-request.ts";
import type { Services } from "../services.ts";
import { entitled } from "./entitled.ts";
import { type IssuedToken, issueToken } from "./issue-token.ts";

/** An assertion for a token (RFC 7522): addressed to this endpoint, and used once. */
export async function redeemAssertion(
  client: FederationClient,
  parameters: Parameters,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<IssuedToken> {
  const { config, judge, store, tell } = services;
  const assertion = parameters.get("assertion");
  if (assertion === undefined) throw new OAuthError("invalid_request", "assertion is missing.");
  const scopes = scopesOf(parameters.get("scope"), client);
  const resource = resourceOf(parameters.get("resource"), client, config);
  const { connection, verified } = await judge.judgeBearer(assertion, time, request.address).catch((error: unknown) => {
    throw errorOf(error);
  });
  const { name } = connection;
  if (client.connections && !client.connections.includes(name)) {
    throw new OAuthError("invalid_grant", "The assertion was refused.", { reason: "connection_not_allowed" });
  }
  const [principal] = await entitled([verified.principal], services);
  const subject = { source: name, principal };
  const token = await issueToken({ tokenId: crypto.randomUUID(), client, resource, scopes, subject }, time, services);
  // Last: an assertion that is used up for nothing would have to be asked for again.
  if (!(await store.recordAssertion(verified.entry.issuer, verified.id, verified.usableUntil))) {
    await tell({
      name: "AssertionReplayed",
      detail: {
        ...eventBase("AssertionReplayed", { request, time }),
        ...{ connection: name, clientId: client.id },
      },
    });
    throw new OAuthError("invalid_grant", "The assertion was used before.", { reason: "assertion_replayed" });
  }
  return token;
}

function errorOf(error: unknown): unknown {
  if (error instanceof Refusal) {
    return new OAuthError("invalid_grant", "The assertion was refused.", { reason: error.reason });
  }
  if (error instanceof TroubleError) {
    const { reason, cause } = error;
    return new OAuthError("temporarily_unavailable", "The assertion cannot be verified now.", { reason, cause });
  }
  return error;
}
