import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { listen, shut } from "../../../local/listen.ts";

/** An OpenID provider with discovery and a key set, which can fail. */
export interface JwtIssuer {
  readonly url: string;
  /** Requests for the key set so far. */
  readonly fetched: () => number;
  /** Signs claims; the header may be changed, also to a `kid` that nobody published. */
  sign(claims: Readonly<Record<string, unknown>>, header?: { alg?: string; kid?: string | undefined }): Promise<string>;
  /** Publishes a new key, with which tokens are signed from now on. */
  rotate(): Promise<void>;
  /** From now on the discovery document or the key set fails: with a status, without an end, or by its size. */
  fail(document: "discovery" | "keys", how: 500 | "silence" | "size"): void;
  close(): Promise<void>;
}

/** Starts an issuer. It has a key for each of the algorithms, and signs by the first of them. */
export async function startJwtIssuer(...algorithms: string[]): Promise<JwtIssuer> {
  const [first = "RS256"] = algorithms;
  const keys = new Map<string, { key: CryptoKey; jwk: JWK }>();
  const failing = new Map<string, 500 | "silence" | "size">();
  let [newest, fetched] = ["", 0];
  const add = async (alg: string) => {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const kid = alg === first ? randomUUID() : alg;
    keys.set(kid, { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } });
    if (alg === first) newest = kid;
  };
  for (const algorithm of algorithms.length > 0 ? algorithms : [first]) await add(algorithm);
  const server = createServer((incoming, outgoing) => {
    const document = incoming.url === "/keys" ? "keys" : "discovery";
    const how = failing.get(document);
    if (how === "silence") return;
    if (how === 500) outgoing.statusCode = 500;
    if (document === "keys") fetched++;
    const padding = how === "size" ? { padding: "x".repeat(150_000) } : {};
    const known = [...keys.values()].map(({ jwk }) => jwk);
    const body = document === "keys" ? { keys: known } : { issuer: url, jwks_uri: `${url}/keys` };
    outgoing.end(JSON.stringify({ ...body, ...padding }));
  });
  const url = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}`;
  return {
    url,
    fetched: () => fetched,
    sign: (claims, header = {}) => {
      const alg = header.alg ?? first;
      const kid = alg === first ? newest : alg;
      const known = keys.get(kid);
      if (!known) throw new Error(`no key for ${alg}`);
      const whole = Object.entries({ alg, kid, ...header }).filter(([, value]) => value !== undefined);
      return new SignJWT({ iss: url, ...claims })
        .setProtectedHeader(Object.fromEntries(whole) as { alg: string })
        .sign(known.key);
    },
    rotate: () => add(first),
    fail: (document, how) => void failing.set(document, how),
    close: () => shut(server),
  };
}
