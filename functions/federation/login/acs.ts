import { randomBytes } from "node:crypto";
import type { EventName } from "../../../shared/domain/events/events.ts";
import { Refusal, TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { eventBase } from "../event-base.ts";
import type { Answer } from "../http/answer.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import { formOf, type Parameters } from "../http/parameters.ts";
import type { Services } from "../services.ts";
import { keptPrincipal } from "../token/code-grant.ts";
import { mismatchOf } from "./asked-authentication.ts";
import type { Connection } from "./connections.ts";
import { clearedCookie, isSameBrowser } from "./flow-cookie.ts";
import type { Judged } from "./judge.ts";
import type { LoginFlow } from "./login-flow.ts";
import { type LoginReason, loginPage } from "./login-page.ts";
import { returned } from "./returned.ts";

/** Seconds for which a code is valid: it is redeemed at once (OAuth 2.1 section 4.1.2). */
export const CODE_LIFETIME = 60;

/** `POST /saml/{connection}/acs`: the identity provider's answer (SAML profiles 4.1.4). */
export async function consumeAssertion(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  try {
    return await consume(request, time, services);
  } catch (cause) {
    // Nothing is known of the login, so there is no application to go back to.
    return { ...loginPage("login_unavailable", request.requestId), cause };
  }
}

async function consume(request: HttpRequest, time: number, services: Services): Promise<Answer> {
  const connection = services.connections.get(request.connection);
  if (!connection) return loginPage("connection_unknown", request.requestId);
  const form = readForm(request);
  if (!form) return failedOnPage("answer_unreadable", { connection, time, request, services });
  const handle = form.get("RelayState") ?? "";
  // What we send is 43 characters of base64url. Another text is an identity provider's own: nobody began this login.
  if (!/^[\w-]{43}$/.test(handle)) return unsolicited(connection, request, time, services);
  const flow = await services.store.find(handle, time);
  if (!flow) return failedOnPage("login_unknown", { connection, time, request, services });
  if (flow.connection !== connection.name || !isSameBrowser(request, handle, flow.cookieHash)) {
    // The login goes on in the browser that began it: this one may be an attacker's, or the attacked.
    const reason = flow.connection === connection.name ? "browser_mismatch" : "connection_mismatch";
    return failedOnPage(reason, { connection, time, request, services });
  }
  return answerOf({ connection, flow, handle, form, request, time, services });
}

interface Attempt {
  readonly connection: Connection;
  readonly flow: LoginFlow;
  readonly handle: string;
  readonly form: Parameters;
  readonly request: HttpRequest;
  readonly time: number;
  readonly services: Services;
}

/** From here on the browser goes back to the application, whatever comes out. */
async function answerOf(attempt: Attempt): Promise<Answer> {
  const { flow, handle, services, connection } = attempt;
  const log = { flow: flow.id, connection: connection.name, client: flow.clientId };
  try {
    const code = await completed(attempt);
    const answer = returned(flow, services.config.issuer, { code }, [clearedCookie(handle)]);
    return { ...answer, log: { ...log, ...answer.log } };
  } catch (error) {
    const known = errorOf(error);
    const reason = known.reason ?? known.code;
    await services.tell({ name: "LoginFailed", detail: { ...eventOf("LoginFailed", attempt), reason } });
    // A login that could not be judged for trouble may be answered again.
    const cookies = known.code === "temporarily_unavailable" ? [] : [clearedCookie(handle)];
    const answer = returned(flow, services.config.issuer, known, cookies);
    return { ...answer, log: { ...log, ...answer.log } };
  }
}

/**
 * Judges the answer and makes a code of it. The order of the last three steps decides: the assertion is used up first,
 * then the login, and only who did both writes a code. Of two concurrent posts one gets through.
 */
async function completed(attempt: Attempt): Promise<string> {
  const { flow, connection, handle, form, request, time, services } = attempt;
  const { store, judge } = services;
  const judged = await judge.judge(connection, form.get("SAMLResponse") ?? "", time, request.address);
  if (judged.inResponseTo.length < 2 || !judged.inResponseTo.every((id) => id === flow.requestId)) {
    throw refused("assertion_of_another_login");
  }
  const { verified } = judged;
  const mismatch = mismatchOf(verified.principal.authentication, connection, flow);
  if (mismatch) throw refused(mismatch);
  await askAgain(judged, attempt);
  const recorded = await store.recordAssertion(verified.entry.issuer, verified.id, verified.usableUntil, flow.id);
  // A browser may repeat the answer to a login that trouble kept from its end. That is no replay before the login ends.
  const ended = recorded !== false && (await store.end(handle));
  if (!ended && recorded !== "first") {
    await services.tell({ name: "AssertionReplayed", detail: eventOf("AssertionReplayed", attempt) });
    throw refused("assertion_replayed");
  }
  if (!ended) throw refused("login_ended");
  const code = randomBytes(32).toString("base64url");
  await store.keepCode(code, {
    ...{ flowId: flow.id, connection: flow.connection, clientId: flow.clientId, redirectUri: flow.redirectUri },
    ...{ codeChallenge: flow.codeChallenge, resource: flow.resource },
    principal: keptPrincipal(verified.principal, services.routes),
    ...(flow.scopes && { scopes: flow.scopes }),
    expiresAt: time + CODE_LIFETIME,
  });
  // A tenant that the assertion names is a value of an attribute: it is in no event and no log.
  const { tenant } = connection.entry.fixed;
  await services.tell({
    name: "LoginSucceeded",
    detail: { ...eventOf("LoginSucceeded", attempt), ...(tenant !== undefined && { tenant }) },
  });
  return code;
}

/** The second opinion. A contradiction always refuses; a refusal of its own does by setting. */
async function askAgain(judged: Judged, attempt: Attempt): Promise<void> {
  const { connection, services } = attempt;
  const { secondOpinion } = await import("./second-opinion.ts");
  const opinion = await secondOpinion(connection, judged, await services.judge.keysOf(connection));
  if (opinion !== "refuses" && opinion !== "contradicts") return;
  await services.tell({ name: "VerifiersDisagree", detail: { ...eventOf("VerifiersDisagree", attempt), opinion } });
  if (opinion === "contradicts" || services.config.secondOpinion === "refuse") throw refused("verifiers_disagree");
}

const refused = (reason: string) => new OAuthError("access_denied", "The login was refused.", { reason });

function errorOf(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof Refusal) return refused(error.reason);
  const reason = error instanceof TroubleError ? error.reason : "login_store_unavailable";
  return new OAuthError("temporarily_unavailable", "The login cannot be completed now.", { cause: error, reason });
}

/** What an event of this login has. */
const eventOf = (name: EventName, { flow, connection, request, time }: Attempt) => ({
  ...eventBase(name, { request, time, flowId: flow.id }),
  ...{ connection: connection.name, clientId: flow.clientId },
});

type Unbegun = Pick<Attempt, "connection" | "request" | "time" | "services">;

/** A Response that nobody asked for never yields a code: an attacker may have posted it (RFC 9700 section 4.7). */
async function unsolicited(
  connection: Connection,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<Answer> {
  const { unsolicited: setting, connection: name } = connection.login;
  if (setting === "refuse") return failedOnPage("login_unsolicited", { connection, request, time, services });
  const url = new URL(setting.restart);
  url.searchParams.set("iss", services.config.issuer);
  url.searchParams.set("connection", name);
  return { status: 303, headers: { Location: url.href }, log: { connection: name, reason: "login_unsolicited" } };
}

async function failedOnPage(reason: LoginReason, { connection, request, time, services }: Unbegun): Promise<Answer> {
  const detail = { ...eventBase("LoginFailed", { request, time }), connection: connection.name, reason };
  await services.tell({ name: "LoginFailed", detail });
  const page = loginPage(reason, request.requestId);
  return { ...page, log: { ...page.log, connection: connection.name } };
}

function readForm(request: HttpRequest): Parameters | undefined {
  try {
    return formOf(request);
  } catch (error) {
    if (error instanceof OAuthError) return undefined;
    throw error;
  }
}
