import { Nonces } from "../../providers/confirmation/dpop/nonces.ts";
import { localSecrets } from "../stage/configuration.ts";
import { createDpopKey, dpopClient } from "../stage/dpop-client.ts";
import { type CredentialParts, issueJwt, issueKey } from "./credentials.ts";

/** Parameters that say nothing of the token or the key. */
const OWN = ["method", "path", "partner", "nonce"];

/**
 * The headers of a request with a JWT that is bound to a DPoP key, and a proof of the key. Each call has a new key and
 * a new proof, which is good for one request within a minute.
 *
 * @param parameters `method` and `path` of the request, with the stage, by default GET and `/`. With `partner=true` there
 *   is an API key too. `nonce=false` leaves out the server's nonce, which a proof has where the configuration asks for
 *   one; another value takes its place. All others are those of the token, or of the key
 * @throws {Error} if the configuration has no `dpop`
 */
export async function issueDpopHeaders(parameters: URLSearchParams, parts: CredentialParts): Promise<string> {
  const { dpop } = parts.config;
  if (!dpop) throw new Error("The configuration has no `dpop`.");
  const { method = "GET", path = "/", partner, nonce } = Object.fromEntries(parameters);
  const given = new URLSearchParams([...parameters].filter(([name]) => !OWN.includes(name)));
  const client = await dpopClient(await createDpopKey());
  const token = await issueJwt(given, parts, { cnf: { jkt: client.thumbprint } });
  const claims = nonce === "false" ? {} : await nonceFor(parts, nonce);
  const proof = await client.proof({ method, url: `${dpop.origins[0]}${path}` }, token, undefined, claims);
  const key = partner === "true" ? `X-Api-Key: ${await issueKey(given, parts)}\n` : "";
  return `Authorization: DPoP ${token}\nDPoP: ${proof}\n${key}`;
}

/** The nonce of a proof: the given one, or else the one that the server gives out now, if it asks for one. */
async function nonceFor({ config, identities }: CredentialParts, given: string | undefined) {
  const asked = config.dpop?.nonce;
  if (given !== undefined) return { nonce: given };
  if (!asked) return {};
  Object.assign(process.env, localSecrets(identities));
  return { nonce: await new Nonces(asked).current(Math.floor(Date.now() / 1000)) };
}
