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
import { clearedOldest, flowCookie, hashOf } from "./flow-cookie.ts";
import { returned } from "./returned.ts";

/** `GET /authorize`: begins a login (OAuth 2.1 section 4.1). */
export async function authorize(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  const { config, connections } = services;
  if (isPartOfPage(request)) {
    const text = "The login was asked for by a part of a page: a browser has to go to it.";
    return cannotBegin("not_a_navigation", text, request);
  }
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
    return cannotBegin(error.reason, error.message, request);
  }
  try {
    const checked = checkedRequest(to, parametersOf(request.query), config, connections);
    return await begin(checked, request, time, services);
  } catch (error) {
    const known =
      error instanceof OAuthError
        ? error
        : new OAuthError("temporarily_unavailable", "The login cannot begin now.", { cause: error });
    return returned(to, config.issuer, known);
  }
}

/**
 * Whether a page of any site loads the login as an image, a frame or the like. It would begin a login for each, whose
 * cookies fill the headers of the browser. Older browsers do not say (Fetch Metadata).
 */
const isPartOfPage = (request: HttpRequest) => (request.header("sec-fetch-dest") ?? "document") !== "document";

const cannotBegin = (reason: string, text: string, { requestId: reference }: HttpRequest) =>
  pageAnswer({
    ...{ status: 400, title: "This login cannot begin", text, side: "application" },
    ...{ reason, reference },
  });

async function begin(
  { connection, client, redirectUri, state, codeChallenge, scopes, resource }: AuthorizationRequest,
  request: HttpRequest,
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
    cookies: [...clearedOldest(request), flowCookie(handle, cookie, config.loginLifetime)],
    log: { flow: id, connection: connection.name, client: client.id },
  };
}
