import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, shut } from "../listen.ts";
import { readTarget } from "../request-target.ts";
import { LOCAL } from "./configuration.ts";
import type { Issuers } from "./issuers.ts";
import type { CredentialForm } from "./saml/identity-provider.ts";
import { entityXml } from "./saml/metadata.ts";
import type { Stage } from "./stage.ts";

/** A running server of credentials. */
export interface IssuerPages {
  /** `http://127.0.0.1:4003` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves credentials as text, for `$(curl …)`:
 *
 * - `/jwt?scope=orders:read&sub=alice&tenant=acme&roles=admin&expires=600` a JWT; other parameters become claims
 * - `/saml?sub=alice&scopes=orders:read&form=deflate&expires=300&once=true` an assertion; other parameters become
 *   attributes
 * - `/saml/metadata` the metadata of the identity provider
 * - `/api-key?scope=orders:read&tenant=acme&address=192.0.2.0/24&status=revoked` an API key, stored in the table
 *
 * @param port 0 takes a free port
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startIssuerPages(stage: Stage, host: string, port: number): Promise<IssuerPages> {
  const metadata = entityXml({ entityId: LOCAL.samlIssuer, certificates: [stage.identities.saml.certificate] });
  const server = createServer(answerWith({ ...PAGES, "/saml/metadata": async () => metadata }, stage));
  const url = `http://${host}:${await listen(server, host, port)}`;
  return { url, close: () => shut(server) };
}

type Page = (by: Issuers, parameters: URLSearchParams) => Promise<string>;

function answerWith(pages: Readonly<Record<string, Page>>, stage: Stage) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { pathname, searchParams } = readTarget(incoming.url);
    const page = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
    const answer = page
      ? page(stage.issuersAt(Math.floor(Date.now() / 1000)), searchParams)
      : Promise.reject(new Error(`The pages are ${Object.keys(pages).join(", ")}.`));
    answer.then(
      (text) => outgoing.end(text),
      (error: Error) => {
        outgoing.statusCode = page ? 400 : 404;
        outgoing.end(`${error.message}\n`);
      },
    );
  };
}

/** The form of an assertion by the parameter `form`: `deflate`, `response` or `encrypted`; base64 without it. */
function formOf(form: string | undefined, ourCertificate: string): CredentialForm {
  if (form === "deflate") return { encoding: "deflate" };
  if (form === "response") return { message: "response", encoding: "deflate" };
  if (form === "encrypted") return { message: "response", encoding: "deflate", encryptFor: ourCertificate };
  if (form === undefined) return {};
  throw new Error("`form` is deflate, response or encrypted.");
}

const PAGES = {
  "/jwt": async (by: Issuers, parameters: URLSearchParams) => {
    const { expires = "600", roles, ...claims } = Object.fromEntries(parameters);
    const now = Math.floor(Date.now() / 1000);
    return by.jwt({ ...claims, ...(roles && { roles: roles.split(" ") }), exp: now + Number(expires) });
  },
  "/saml": async (by: Issuers, parameters: URLSearchParams) => {
    const { sub = "alice", expires = "300", form, once, ...attributes } = Object.fromEntries(parameters);
    return by.saml(
      { subject: sub, lifetime: Number(expires), attributes, oneTimeUse: once === "true" },
      formOf(form, by.ourCertificate),
    );
  },
  "/api-key": async (by: Issuers, parameters: URLSearchParams) => {
    const status = parameters.get("status");
    const known = status === "revoked" || status === "disabled" ? status : undefined;
    const address = parameters.getAll("address");
    return by.apiKey(
      {
        scopes: parameters.get("scope")?.split(" ") ?? [],
        ...(parameters.has("tenant") && { tenant: parameters.get("tenant") ?? "" }),
        ...(address.length > 0 && { addresses: address }),
      },
      known,
    );
  },
} as const satisfies Record<string, Page>;
