import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { NOW } from "../../fixtures.ts";

/** A key of an issuer: what it signs with, and what it publishes. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly alg: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export const ISSUER = "https://id.example.com";
export const AUDIENCE = "https://api.example.com";

export function rsaKey(kid: string | undefined = "k1", alg = "RS256", modulusLength = 2048): SigningKey {
  return named(generateKeyPairSync("rsa", { modulusLength }), kid, alg);
}

export function ecKey(kid = "e1", alg = "ES256", namedCurve = "P-256"): SigningKey {
  return named(generateKeyPairSync("ec", { namedCurve }), kid, alg);
}

export function edKey(kid = "ed1"): SigningKey {
  return named(generateKeyPairSync("ed25519"), kid, "EdDSA");
}

function named(
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  kid: string | undefined,
  alg: string,
): SigningKey {
  return {
    privateKey,
    publicKey,
    alg,
    jwk: { ...publicKey.export({ format: "jwk" }), ...(kid !== undefined && { kid }), alg },
  };
}

export const claims = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "alice",
  client_id: "web",
  iat: NOW - 10,
  exp: NOW + 600,
  ...overrides,
});

/** Signs whatever it is given, header and payload as objects or as raw text. */
export function mint(key: SigningKey, payload: object | string = claims(), header: object | string = {}): string {
  const protectedHeader =
    typeof header === "string" ? header : { alg: key.alg, kid: key.jwk.kid, typ: "JWT", ...header };
  const input = `${segment(protectedHeader)}.${segment(payload)}`;
  return `${input}.${signatureOf(key, input).toString("base64url")}`;
}

export function segment(content: object | string): string {
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64url");
}

function signatureOf({ alg, privateKey }: SigningKey, input: string): Buffer {
  const data = Buffer.from(input);
  if (alg === "EdDSA") return signBytes(null, data, privateKey);
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith("ES")) return signBytes(hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" });
  // 6 is RSA_PKCS1_PSS_PADDING.
  if (alg.startsWith("PS"))
    return signBytes(hash, data, { key: privateKey, padding: 6, saltLength: Number(alg.slice(2)) / 8 });
  return signBytes(hash, data, privateKey);
}

/** A token signed with a shared secret, as HS256 does. */
export function mintHmac(
  secret: string | Buffer,
  payload: object = claims(),
  { alg = "HS256", ...header }: { readonly alg?: string; readonly kid?: string } = {},
): string {
  const input = `${segment({ alg, typ: "JWT", ...header })}.${segment(payload)}`;
  return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest("base64url")}`;
}
