import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JWK } from "jose";
import { createSigningIdentity, type SigningIdentity } from "./saml/signing.ts";

/** The keys of the local issuers. They are made on this machine and only the local stack trusts them. */
export interface Identities {
  /** Private key with which local JWTs are signed. */
  readonly jwtKey: JWK;
  readonly saml: SigningIdentity;
  /** The authorizer's key pair, for which assertions are encrypted. */
  readonly samlEncryption: SigningIdentity;
  /** The secret with which local API keys are hashed. */
  readonly pepper: string;
}

/** Makes new keys for all local issuers. */
export async function createIdentities(): Promise<Identities> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    jwtKey: { ...privateKey.export({ format: "jwk" }), kid: "local", alg: "RS256" },
    saml: await createSigningIdentity(),
    samlEncryption: await createSigningIdentity(),
    pepper: randomBytes(32).toString("hex"),
  };
}

/** Reads the identities from a folder, so that several commands use the same issuers. The first call creates them. */
export async function keptIdentities(folder = ".sallyport"): Promise<Identities> {
  const file = join(folder, "identities.json");
  const kept = await readKept(file);
  if (kept?.samlEncryption) return kept;
  // A file of an earlier version has fewer keys.
  const identities = { ...(await createIdentities()), ...kept };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(identities), { mode: 0o600, flag: kept ? "w" : "wx" });
  return identities;
}

async function readKept(file: string): Promise<Identities | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Identities;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** The public half of the JWT key, as an issuer publishes it. */
export function publicJwk({ jwtKey: { kty, n, e, kid, alg } }: Identities): Record<string, unknown> & { kty: string } {
  return { kty: String(kty), n, e, kid, alg, use: "sig" };
}
