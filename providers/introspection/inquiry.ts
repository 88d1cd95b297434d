import type { KeyObject } from "node:crypto";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { fetchBytes, HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import type { ClientAuthentication } from "./client/client-authentication.ts";
import { authenticationOf } from "./client/load-authentication.ts";
import { endpointOf } from "./endpoint.ts";
import type { Inquire } from "./introspector.ts";
import { type Inspection, readAnswer } from "./read-answer.ts";
import type { AskedIssuer } from "./token-owner.ts";

/** Limits of one request. An answer has the claims of one token. */
const BOUNDS = { accept: "application/json", timeout: 2000, maxLength: 64 * 1024 } as const;

/**
 * Asks a server about a token (RFC 7662 section 2.1). The token stands in the body alone: a URL is logged.
 *
 * A question may be repeated, as it changes nothing: once after a connection that broke, such as one that was kept while
 * the process was frozen; and once with a newer secret, if the server does not know the client by the old one.
 */
export function createInquiry(entry: AskedIssuer, fetch: typeof globalThis.fetch): Inquire {
  const endpoint = endpointOf(entry, fetch);
  const authentication = openedOnce(() => authenticationOf(entry));

  async function send(
    token: string,
    key: KeyObject,
    by: ClientAuthentication,
    signal: AbortSignal,
  ): Promise<Inspection> {
    const url = await endpoint.current();
    const { headers, form, fetch: own = fetch } = await by.present(key);
    const body = new URLSearchParams({ token, token_type_hint: "access_token", ...form }).toString();
    const post = { headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body };
    return readAnswer(await fetchBytes(url, own, { ...BOUNDS, post, signal }));
  }

  return async (token, signal) => {
    const by = await authentication();
    const key = await by.secret.current();
    try {
      return await send(token, key, by, signal).catch((error) => {
        if (!isBrokenConnection(error) || signal.aborted) throw error;
        return send(token, key, by, signal);
      });
    } catch (error) {
      endpoint.missed(error);
      if (!isUnknownClient(error)) throw error;
      const newer = await by.secret.newer(key).catch(() => key);
      if (newer === key) throw error;
      return send(token, newer, by, signal);
    }
  };
}

/** 401, or 400 of servers that follow RFC 6749 section 5.2 to the letter. */
const isUnknownClient = (error: unknown) =>
  error instanceof HttpStatusError && ["HTTP_400", "HTTP_401"].includes(error.code);

/** The connection ended before an answer. `fetch` puts the error of the socket into the cause. */
function isBrokenConnection(error: unknown): boolean {
  const { code, cause } = Object(error) as { code?: unknown; cause?: unknown };
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(String(code ?? Object(cause).code));
}
