import { OAuth2Server } from "oauth2-mock-server";
import type { SignJwt } from "./issuers.ts";

/** A running OpenID provider, with discovery and a key set over HTTP. */
export interface OpenIdProvider {
  /** Its issuer, which is its URL. */
  readonly issuer: string;
  /** Signs claims with its key. */
  readonly sign: SignJwt;
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider.
 *
 * @param port 0 takes a free port
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startOpenIdProvider(host: string, port: number): Promise<OpenIdProvider> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(port, host);
  const issuer = server.issuer.url ?? "";
  return {
    issuer,
    sign: (claims) =>
      server.issuer.buildToken({
        scopesOrTransform: (_header, payload) => void Object.assign(payload, { iss: issuer, ...claims }),
      }),
    close: () => server.stop(),
  };
}
