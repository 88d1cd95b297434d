import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { audience, issuer, jwks } from "./configured.ts";

const keys = createLocalJWKSet(jwks() as JSONWebKeySet);
const options = { issuer: issuer(), audience: audience(), algorithms: ["RS256", "ES256", "EdDSA"] };

/** `jose.jwtVerify` alone. */
export const verify = (token: string) => jwtVerify(token, keys, options);
