import { randomBytes } from "node:crypto";
import { createSigningIdentity } from "../../local/stage/saml/signing.ts";
import { ecKey } from "../../test/providers/jwt/mint.ts";
import { loopbackCertificate } from "./party.ts";

/** What the parties publish. A course of events may change it. */
export interface Published {
  jwks: { readonly keys: readonly object[] };
  metadata: { readonly certificates: readonly string[]; readonly validUntil: number | undefined };
  pepper: string;
  /** The shared secret of a JWT issuer. */
  shared: string;
  /** The key that assertions are decrypted with. */
  decryption: string;
}

/** The keys of all issuers, and of a stranger. */
export type Keys = Awaited<ReturnType<typeof makeKeys>>;

let made: Promise<Awaited<ReturnType<typeof makeRsaKeys>>> | undefined;

/** Makes keys. Those that take long are the same for all functions of this process; an issuer's own is a copy. */
export async function makeKeys() {
  made ??= makeRsaKeys();
  const { identity, ...keys } = await made;
  // Two with one name: a forged token names the key of the issuer.
  return { ...keys, identity: { ...identity }, jwtKey: ecKey("k1"), strangerKey: ecKey("k1"), otherKey: ecKey("k8") };
}

async function makeRsaKeys() {
  return {
    certificates: [await loopbackCertificate(), await loopbackCertificate()] as const,
    identity: await createSigningIdentity(),
    stranger: await createSigningIdentity(),
    ours: await createSigningIdentity(),
  };
}

export function publish({ jwtKey, identity, ours }: Keys): Published {
  const secret = (name: string) => `${name}-${randomBytes(24).toString("hex")}`;
  return {
    jwks: { keys: [jwtKey.jwk] },
    metadata: { certificates: [identity.certificate], validUntil: undefined },
    pepper: secret("pepper"),
    shared: secret("shared"),
    decryption: ours.privateKey,
  };
}
