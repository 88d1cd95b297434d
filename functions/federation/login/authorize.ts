import { randomBytes } from "node:crypto";
import { eventBase } from "../event-base.ts";
import type { Answer } from "../http/answer.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import { pageAnswer } from "../http/page.ts";
import { parametersOf } from "../http/parameters.ts";
import type { Services } from "../services.ts";
import {
  type AuthorizationRequest,
  checkedRequest,
  NoReturnError,
  type Returnable,
  returnOf,
} from "./authorization-request.ts";
import { flowCookie, hashOf } from "./flow-cookie.ts";
import { returned } from "./returned.ts";

/** `GET /authorize`: begins a login (OAuth 2.1 section 4.1). */
export async function authorize(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  const { config, connections } = services;
  let to: Returnable;
  try {
    to = returnOf(request.query, config);
  } catch (error) {
    if (!(error instanceof NoReturnError)) throw error;
    const detail = { ...eventBase("LoginFailed", { request, time }), reason: error.reason };
    await services.tell({
      name: "LoginFailed",
      detail: { ...detail, ...(error.client !== undefined && { clientId: error.client.id }) },
    });
    return pageAnswer({
      ...{ status: 400, title: "This login cannot begin", text: error.message, side: "application" },
      ...{ reason: error.reason, reference: request.requestId },
    });
  }
  try {
    const checked = checkedRequest(to, parametersOf(request.query), config, connections);
    return await begin(checked, time, services);
  } catch (error) {
    const known =
      error instanceof OAuthError
        ? error
        : new OAuthError("temporarily_unavailable", "The login cannot begin now.", { cause: error });
    return returned(to, config.issuer, known);
  }
}

async function begin(
  { connection, client, redirectUri, state, codeChallenge, scopes, resource }: AuthorizationRequest,
  time: number,
  { config, store, requestSigning }: Services,
): Promise<Answer> {
  // What comes back as RelayState: 43 characters. The cookie is another secret, which the identity provider never sees.
  const [handle, cookie] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];
  const id = randomBytes(12).toString("hex");
  // An ID of XML begins with a letter or an underscore.
  const requestId = `_${randomBytes(20).toString("hex")}`;
  const privateKey = connection.login.signRequest ? await requestSigning() : undefined;
  const { sendAuthnRequest } = await import("./authn-request.ts");
  const answer = await sendAuthnRequest({ connection, id: requestId, relayState: handle, privateKey });
  await store.begin(handle, {
    ...{ id, connection: connection.name, clientId: client.id, redirectUri, codeChallenge, resource, requestId },
    ...(state !== undefined && { state }),
    ...(scopes && { scopes }),
    cookieHash: hashOf(cookie),
    begunAt: time,
    expiresAt: time + config.loginLifetime,
  });
  return {
    ...answer,
    cookies: [flowCookie(handle, cookie, config.loginLifetime)],
    log: { flow: id, connection: connection.name, client: client.id },
  };
}
