import { JwtVerifier } from "aws-jwt-verify";
import type { Jwks } from "aws-jwt-verify/jwk";
import { audience, issuer, jwks, jwksUri } from "./configured.ts";

const verifier = JwtVerifier.create({
  issuer: issuer(),
  audience: audience(),
  jwksUri: jwksUri().replace("http:", "https:"),
});
verifier.cacheJwks(jwks() as Jwks);

/** aws-jwt-verify alone, with a preloaded key set. */
export const verify = (token: string) => verifier.verify(token);
