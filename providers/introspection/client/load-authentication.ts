import type { AskedIssuer } from "../token-owner.ts";
import type { ClientAuthentication } from "./client-authentication.ts";

/** Loads the method that an entry asks for. */
export async function authenticationOf(entry: AskedIssuer): Promise<ClientAuthentication> {
  const { client } = entry.introspection;
  if ("secret" in client) return (await import("./secret-basic.ts")).secretBasic(client);
  if ("tls" in client) return (await import("./mutual-tls.ts")).mutualTls(client);
  return (await import("./private-key-jwt.ts")).privateKeyJwt(client, entry.issuer);
}
