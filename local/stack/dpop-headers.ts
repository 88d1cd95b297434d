import { createDpopKey, dpopClient } from "../stage/dpop-client.ts";
import { type CredentialParts, issueJwt, issueKey } from "./credentials.ts";

/**
 * The headers of a request with a JWT that is bound to a DPoP key, and a proof of the key. Each call has a new key and
 * a new proof, which is good for one request within a minute.
 *
 * @param parameters `method` and `path` of the request, with the stage, by default GET and `/`. With `partner=true` there
 *   is an API key too. All others are those of the token, or of the key
 * @throws {Error} if the configuration has no `dpop`
 */
export async function issueDpopHeaders(parameters: URLSearchParams, parts: CredentialParts): Promise<string> {
  const { dpop } = parts.config;
  if (!dpop) throw new Error("The configuration has no `dpop`.");
  const { method = "GET", path = "/", partner } = Object.fromEntries(parameters);
  const given = new URLSearchParams([...parameters].filter(([name]) => !["method", "path", "partner"].includes(name)));
  const client = await dpopClient(await createDpopKey());
  const token = await issueJwt(given, parts, { cnf: { jkt: client.thumbprint } });
  const proof = await client.proof({ method, url: `${dpop.origins[0]}${path}` }, token);
  const key = partner === "true" ? `X-Api-Key: ${await issueKey(given, parts)}\n` : "";
  return `Authorization: DPoP ${token}\nDPoP: ${proof}\n${key}`;
}
