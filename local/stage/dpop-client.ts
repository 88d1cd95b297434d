import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

/** A request that a proof is for. */
export interface ProofRequest {
  readonly method: string;
  /** URL as it is called. A query counts for nothing. */
  readonly url: string;
}

/** A client with a DPoP key (RFC 9449). */
export interface DpopClient {
  /** What an issuer binds tokens to: `cnf.jkt`. */
  readonly thumbprint: string;
  /**
   * A new proof for one request.
   *
   * @param token that it is presented with; none for a request to an issuer
   * @param time seconds since the epoch; by default now
   * @param claims are added, or replace its own
   */
  proof(
    request: ProofRequest,
    token?: string,
    time?: number,
    claims?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
}

/** Makes a private key for a client. */
export async function createDpopKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "ES256" };
}

/** @param key a private key as JWK, with `alg` */
export async function dpopClient(key: JWK): Promise<DpopClient> {
  const { kty, crv, x, y, n, e, alg = "ES256" } = key;
  const jwk = kty === "RSA" ? { kty, n, e } : { kty, crv, x, ...(y !== undefined && { y }) };
  const signingKey = await importJWK(key, alg);
  return {
    thumbprint: await calculateJwkThumbprint(jwk as JWK),
    proof: ({ method, url }, token, time = Math.floor(Date.now() / 1000), claims = {}) => {
      const { origin, pathname } = new URL(url);
      const ath = token !== undefined && { ath: createHash("sha256").update(token).digest("base64url") };
      return new SignJWT({ jti: randomUUID(), htm: method, htu: origin + pathname, iat: time, ...ath, ...claims })
        .setProtectedHeader({ alg, typ: "dpop+jwt", jwk: jwk as JWK })
        .sign(signingKey);
    },
  };
}
