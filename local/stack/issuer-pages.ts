import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, shut } from "../listen.ts";
import { readTarget } from "../request-target.ts";
import { entityXml } from "../stage/saml/metadata.ts";
import { type CredentialParts, issueAssertion, issueJwt, issueKey, issueOpaque } from "./credentials.ts";
import { issueDpopHeaders } from "./dpop-headers.ts";
import { answerLoginPage } from "./login/login-pages.ts";
import type { WebClientSettings } from "./login/web-client.ts";

/** A running server of credentials. */
export interface IssuerPages {
  /** `http://127.0.0.1:4005` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves credentials as text, for `$(curl …)`:
 *
 * - `/jwt?scope=orders:read&sub=alice&tenant=acme&roles=admin&expires=600` a JWT; other parameters become claims
 * - `/opaque?scope=orders:read&revoked=true` an opaque token, with the parameters of `/jwt`
 * - `/saml?sub=alice&scopes=orders:read&form=deflate&expires=300&once=true` an assertion; other parameters become
 *   attributes
 * - `/saml/metadata` the metadata of the identity provider
 * - `/api-key?scope=orders:read&tenant=acme&address=192.0.2.0/24&status=revoked` an API key, stored in the table
 * - `/header/jwt` the header of a request with such a credential, for `curl -H @-`; also of the others
 * - `/header/both?scope=orders:write` two headers: a user's JWT and a partner's API key
 * - `/header/dpop?method=POST&path=/prod/orders&partner=true` the headers of a request with a token that is bound to a
 *   key, and a fresh proof
 *
 * Under `/login` it serves the pages of a login, for browsers.
 *
 * @param parts what credentials are made of, asked for each one
 * @param port 0 takes a free port
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startIssuerPages(parts: () => PageParts, host: string, port: number): Promise<IssuerPages> {
  const server = createServer(async (incoming, outgoing) => {
    const { webClient, ...given } = parts();
    if (await answerLoginPage(incoming, outgoing, given, webClient)) return;
    await answer(given, incoming, outgoing);
  });
  const url = `http://${host}:${await listen(server, host, port)}`;
  return { url, close: () => shut(server) };
}

/** What the pages are made of. */
export interface PageParts extends CredentialParts {
  /** The application that logs people in, where the configuration has one. */
  readonly webClient: WebClientSettings | undefined;
}

type Page = (parameters: URLSearchParams, parts: CredentialParts) => Promise<string>;

const PAGES: Readonly<Record<string, Page>> = {
  "/jwt": (parameters, parts) => issueJwt(parameters, parts),
  "/opaque": issueOpaque,
  "/saml": async (parameters, parts) => issueAssertion(parameters, parts),
  "/saml/metadata": async (_, { config, identities }) =>
    entityXml({
      entityId: config.saml?.identityProviders[0]?.issuer ?? "",
      certificates: [identities.saml.certificate],
    }),
  "/api-key": issueKey,
  "/header/jwt": async (...given) => `Authorization: Bearer ${await issueJwt(...given)}\n`,
  "/header/opaque": async (...given) => `Authorization: Bearer ${await issueOpaque(...given)}\n`,
  "/header/saml": async (parameters, parts) => {
    // API Gateway takes 10,240 bytes of headers.
    if (!parameters.has("form")) parameters.set("form", "deflate");
    return `Authorization: SAML ${issueAssertion(parameters, parts)}\n`;
  },
  "/header/api-key": async (...given) => `Authorization: ApiKey ${await issueKey(...given)}\n`,
  "/header/both": async (...given) =>
    `Authorization: Bearer ${await issueJwt(...given)}\nX-Api-Key: ${await issueKey(...given)}\n`,
  "/header/dpop": issueDpopHeaders,
};

async function answer(parts: CredentialParts, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { pathname, searchParams } = readTarget(incoming.url);
  const page = Object.hasOwn(PAGES, pathname) ? PAGES[pathname] : undefined;
  try {
    if (!page) throw new Error(`The pages are ${Object.keys(PAGES).join(", ")}.`);
    outgoing.end(await page(searchParams, parts));
  } catch (error) {
    outgoing.statusCode = page ? 400 : 404;
    outgoing.end(`${(error as Error).message}\n`);
  }
}
