import { createHash, generateKeyPairSync } from "node:crypto";
import { ecKey, edKey, rsaKey, type SigningKey } from "../../providers/jwt/mint.ts";

/** The keys of clients. */

export const KEYS: Readonly<Record<string, SigningKey>> = {
  ...{ ec: ecKey("ec"), ed: edKey("ed"), rsa: rsaKey("rsa"), stranger: ecKey("stranger") },
  weak: rsaKey("weak", "RS256", 1024),
};
export const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });

export const hash = (value: string | Buffer) => createHash("sha256").update(value).digest();
export const jwkOf = ({ publicKey }: SigningKey): Record<string, unknown> => ({
  ...publicKey.export({ format: "jwk" }),
});

/** RFC 7638. */
export function thumbprintOf(jwk: Readonly<Record<string, unknown>>): string {
  const { crv, e, kty, n, x, y } = jwk;
  const members = kty === "RSA" ? { e, kty, n } : kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y };
  return hash(JSON.stringify(members)).toString("base64url");
}
