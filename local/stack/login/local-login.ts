import { generateKeyPairSync } from "node:crypto";
import type { Stack } from "../../gateway/template/read.ts";

/** Variable with the private key that signs the tokens of the local login. */
export const LOGIN_KEY = "SALLYPORT_LOCAL_LOGIN_KEY";

/** The route by which a template's login is known. */
const CONSUMER = "POST /saml/{connection}/acs";

/** Where the parts of a login are on this machine. */
export interface LocalLogin {
  /** Logical id of its API. */
  readonly api: string;
  /** Logical id of its function. */
  readonly function: string;
  /** Its issuer, and the origin of its URLs: `http://localhost:4004`. */
  readonly url: string;
  /** The page of the identity provider at which people log in. */
  readonly singleSignOnUrl: string;
  /** Where the application of the local stack gets its codes. */
  readonly redirectUri: string;
}

/**
 * The login of a template, if it has one.
 *
 * Its host is `localhost`, and that of the identity provider and the application is 127.0.0.1, so that they are different
 * sites: hosts that differ in their port alone are one site to a browser, and the cookie of the login would come back even
 * if it were wrong.
 *
 * @param urls of the APIs, by their logical ids
 * @param pages address of the pages of the local stack
 */
export function localLogin(
  { apis }: Pick<Stack, "apis">,
  urls: Readonly<Record<string, string>>,
  pages: string,
): LocalLogin | undefined {
  for (const api of apis) {
    const route =
      api.kind === "http" ? api.routes.find(({ method, path }) => `${method} ${path}` === CONSUMER) : undefined;
    if (!route) continue;
    const own = withHost(pages, "127.0.0.1");
    return {
      ...{ api: api.name, function: route.function, url: withHost(urls[api.name] ?? "", "localhost") },
      ...{ singleSignOnUrl: `${own}/login/sso`, redirectUri: `${own}/login/callback` },
    };
  }
  return undefined;
}

/** An origin on this machine by another of its names. */
function withHost(address: string, host: string): string {
  const url = new URL(address);
  url.hostname = host;
  return url.origin;
}

/** A key that signs the tokens of one run. It is in no file: with the process, all tokens end. */
export const newLoginKey = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
