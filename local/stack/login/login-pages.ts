import type { IncomingMessage, ServerResponse } from "node:http";
import { readTarget } from "../../request-target.ts";
import type { CredentialParts } from "../credentials.ts";
import { answerLogin, choosePerson } from "./identity-provider-pages.ts";
import type { Page } from "./page.ts";
import { type WebClientSettings, webClientPage, webClientScript } from "./web-client.ts";

/** Bytes of a form: a Response has some 6,000. */
const MAX_FORM = 100_000;

type Pages = Readonly<Record<string, (parameters: URLSearchParams, method: string) => Page>>;

/**
 * Answers requests for the pages of a login: `/login` is the application, `/login/sso` the identity provider.
 *
 * @param settings of the application; undefined where the configuration has none
 * @returns false if a request is for another page
 */
export async function answerLoginPage(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  parts: CredentialParts,
  settings: WebClientSettings | undefined,
): Promise<boolean> {
  const { pathname, searchParams } = readTarget(incoming.url);
  const pages: Pages = {
    "/login/sso": (...given) => choosePerson(...given, parts),
    "/login/answer": (...given) => answerLogin(...given, parts),
    "/login/web-client.js": webClientScript,
    ...(settings && { "/login": () => webClientPage(settings), "/login/callback": () => webClientPage(settings) }),
  };
  const page = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  if (!page) return false;
  const { method = "GET" } = incoming;
  try {
    const { body, type = "text/html; charset=utf-8" } = page(
      method === "POST" ? await formOf(incoming) : searchParams,
      method,
    );
    outgoing.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
    outgoing.end(body);
  } catch (error) {
    outgoing.writeHead(400, { "Content-Type": "text/plain; charset=utf-8" });
    outgoing.end(`${(error as Error).message}\n`);
  }
  return true;
}

async function formOf(incoming: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= MAX_FORM) chunks.push(chunk);
  }
  if (length > MAX_FORM) throw new Error("The form is too large.");
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}
