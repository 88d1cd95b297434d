import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { JWK } from "jose";
import { createDpopKey } from "../../local/stage/dpop-client.ts";
import { Failure } from "../failure.ts";
import { UsageError } from "../usage-error.ts";

/** Algorithms by the curve of a key. */
const BY_CURVE: Readonly<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
  Ed25519: "EdDSA",
};

/**
 * The key of a client as a private JWK with `alg`.
 *
 * @param file undefined: a new key, which is not kept
 * @param isNew whether a key is made and kept in the file, readable by its owner alone
 */
export async function clientKey(file: string | undefined, isNew: boolean): Promise<JWK> {
  if (!isNew) return file === undefined ? createDpopKey() : readKey(await readFile(file, "utf8"));
  if (file === undefined) throw new UsageError("--new-key needs --key FILE, in which the key is kept.");
  const key = await createDpopKey();
  await writeFile(file, `${JSON.stringify(key)}\n`, { mode: 0o600, flag: "wx" });
  return key;
}

/** @throws {Failure} that says nothing of the text, which may be a secret */
function readKey(text: string): JWK {
  const jwk = privateJwk(text);
  const { kty, crv = "" } = jwk ?? {};
  const alg = kty === "RSA" ? "PS256" : BY_CURVE[crv];
  if (!jwk || alg === undefined) {
    throw new Failure("The file of --key has no private key of RSA, P-256, P-384, P-521 or Ed25519, as JWK or PEM.");
  }
  return { alg, ...jwk };
}

function privateJwk(text: string): JWK | undefined {
  try {
    const isPem = text.includes("-----BEGIN");
    const given = isPem ? undefined : (JSON.parse(text) as JWK);
    const key: KeyObject = isPem
      ? createPrivateKey(text)
      : createPrivateKey({ key: given as JsonWebKey, format: "jwk" });
    return { ...(key.export({ format: "jwk" }) as JWK), ...(given?.alg !== undefined && { alg: given.alg }) };
  } catch {
    return undefined;
  }
}
