import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { audience, issuer, jwks, kidOf } from "./configured.ts";

const keys = new Map<string, KeyObject>(
  jwks().keys.map((key) => [key.kid, createPublicKey({ format: "jwk", key: key as JsonWebKey })]),
);

/** jsonwebtoken alone, with parsed keys. It does not support EdDSA. */
export function verify(token: string) {
  const key = keys.get(kidOf(token));
  if (!key) throw new Error("unknown key");
  return jwt.verify(token, key, { issuer: issuer(), audience: audience(), algorithms: ["RS256", "ES256"] });
}
