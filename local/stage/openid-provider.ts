import { OAuth2Server } from "oauth2-mock-server";
import { type IssueToken, serveAuthorization } from "./authorization-server.ts";
import type { SignJwt } from "./issuers.ts";

/** A running OpenID provider: discovery, a key set, and an authorization server over HTTP. */
export interface OpenIdProvider {
  /** Its issuer, which is its URL. */
  readonly issuer: string;
  /** URL of its key set. */
  readonly keySet: string;
  /** Signs claims with its key for RS256. */
  readonly sign: SignJwt;
  /** Signs claims as another issuer would, by an algorithm of its own. The key is in the key set from then on. */
  signAs(algorithm: string, type: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** Says who makes the tokens of its token endpoint; by default they have the given parameters as their claims. */
  issueBy(issue: IssueToken): void;
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider.
 *
 * @param port 0 takes a free port
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startOpenIdProvider(host: string, port: number): Promise<OpenIdProvider> {
  const server = new OAuth2Server(undefined, undefined, { endpoints: { token: "/unused" } });
  const keyIds = new Map<string, Promise<string>>();
  const keyFor = (algorithm: string) => {
    const made = keyIds.get(algorithm) ?? server.issuer.keys.generate(algorithm).then(({ kid }) => kid);
    keyIds.set(algorithm, made);
    return made;
  };
  await keyFor("RS256");
  await server.start(port, host);
  const issuer = server.issuer.url ?? "";
  const signAs = async (algorithm: string, type: string, claims: Readonly<Record<string, unknown>>) =>
    server.issuer.buildToken({
      kid: await keyFor(algorithm),
      scopesOrTransform: (header, payload) => {
        Object.assign(header, { typ: type });
        Object.assign(payload, { iss: issuer, ...claims });
      },
    });
  let issue: IssueToken = (asked) => signAs("RS256", "at+jwt", Object.fromEntries(asked));
  serveAuthorization(server.service, issuer, (asked) => issue(asked));
  return {
    issuer,
    issueBy: (given) => {
      issue = given;
    },
    keySet: `${issuer}/jwks`,
    sign: (claims) => signAs("RS256", "JWT", claims),
    signAs,
    close: () => server.stop(),
  };
}
