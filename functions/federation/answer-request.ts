import { serviceProviderMetadata } from "../../providers/saml/service-provider-metadata.ts";
import type { FederationConfig } from "../../shared/domain/config/federation.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http/answer.ts";
import { type HttpRequest, readRequest } from "./http/http-request.ts";
import { OAuthError } from "./http/oauth-error.ts";
import { loginPage } from "./login/login-page.ts";
import { CACHED, serverMetadata } from "./metadata/server-metadata.ts";
import type { Services } from "./services.ts";

/** Answers one request. @param time seconds since the epoch */
type Endpoint = (request: HttpRequest, time: number, services: Services) => Promise<Answer>;

/** The routes. `template.yaml` has the same. What a request does not need is not loaded for it. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "GET /.well-known/openid-configuration": async (_request, _time, { config }) => serverMetadata(config),
  "GET /.well-known/oauth-authorization-server": async (_request, _time, { config }) => serverMetadata(config),
  "GET /jwks": async (_request, _time, { signer }) =>
    jsonAnswer(200, { keys: await signer.published() }, { ...CACHED, "Content-Type": "application/jwk-set+json" }),
  "GET /saml/{connection}/metadata": async (request, _time, services) => samlMetadata(request, services),
  "GET /authorize": async (...given) => (await import("./login/authorize.ts")).authorize(...given),
  "POST /saml/{connection}/acs": async (...given) => (await import("./login/acs.ts")).consumeAssertion(...given),
  "POST /token": async (...given) => (await import("./token/token.ts")).answerToken(...given),
  "POST /revoke": async (...given) => (await import("./token/revoke.ts")).answerRevocation(...given),
};

/** Answers an event of an HTTP API, payload format 2.0. */
export async function answerRequest(event: unknown, services: Services): Promise<Answer> {
  const request = readRequest(event);
  const endpoint = Object.hasOwn(ENDPOINTS, request.route) ? ENDPOINTS[request.route] : undefined;
  if (!endpoint) return jsonAnswer(404, { error: "not_found" });
  try {
    return shared(await endpoint(request, Math.floor(Date.now() / 1000), services), request, services);
  } catch (error) {
    // What is none of ours is told without a word of it.
    const known =
      error instanceof OAuthError
        ? error
        : new OAuthError("temporarily_unavailable", "The request cannot be answered now.", { cause: error });
    const answer = { ...errorAnswer(known), ...(known.cause !== undefined && { cause: known.cause }) };
    return shared(answer, request, services);
  }
}

/** What everybody may read: documents without a word about a caller. */
const PUBLIC = ["GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server", "GET /jwks"];
/** What public clients send from their pages. */
const OF_CLIENTS = ["POST /token", "POST /revoke"];

/**
 * Lets scripts of applications read the answer (CORS): the documents everybody, the answers to clients the origins of
 * public ones. A form without further headers needs no preflight. A browser goes to the other endpoints itself.
 */
function shared(answer: Answer, request: HttpRequest, { config }: Services): Answer {
  // Whoever asks, so that a cache may answer everybody with it.
  if (PUBLIC.includes(request.route)) return withHeaders(answer, { "Access-Control-Allow-Origin": "*" });
  if (!OF_CLIENTS.includes(request.route)) return answer;
  const origin = request.header("origin");
  const isAllowed = origin !== undefined && originsOf(config).has(origin);
  return withHeaders(answer, { Vary: "Origin", ...(isAllowed && { "Access-Control-Allow-Origin": origin }) });
}

const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
});

const originsOf = ({ clients }: FederationConfig) =>
  new Set(
    clients.flatMap(({ authentication, redirectUris }) =>
      authentication === "none" ? redirectUris.map((uri) => new URL(uri).origin) : [],
    ),
  );

function samlMetadata(request: HttpRequest, { connections, config, encryptionCertificate }: Services): Answer {
  const connection = connections.get(request.connection);
  if (!connection) return loginPage("connection_unknown", request.requestId);
  return {
    status: 200,
    headers: { ...CACHED, "Content-Type": "application/samlmetadata+xml" },
    // Each connection has an entity ID of its own.
    body: serviceProviderMetadata({
      ...{ entityId: connection.entityId, consumerUrls: [connection.consumerUrl], encryption: encryptionCertificate },
      signsRequests: connection.login.signRequest,
      signing: connection.login.signRequest ? config.requestSigning?.certificate : undefined,
    }),
  };
}
