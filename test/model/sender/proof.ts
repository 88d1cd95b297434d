import { mint, type SigningKey } from "../../providers/jwt/mint.ts";
import type { Attempt, Setting } from "./attempt.ts";
import { htuOf } from "./htu.ts";
import { hash, jwkOf, KEYS, p384, thumbprintOf } from "./keys.ts";

function timeOf(plan: Attempt["proof"]["iat"], setting: Setting, now: number): unknown {
  if (typeof plan === "string") {
    return { missing: undefined, text: String(now), null: null, milliseconds: now * 1000, negative: -1 }[
      plan as "text"
    ];
  }
  const limits = { now, oldest: now - setting.maxAge, newest: now + setting.clockTolerance };
  return limits[plan.from] + plan.plus;
}

/** Ids of proofs: how many there were, and the last one that came as far as the table. */
export interface Ids {
  count: number;
  used: string | undefined;
}

/** The proof of an attempt, and what the model has to know of it. */
export function proofOf(attempt: Attempt, setting: Setting, token: string, now: number, ids: Ids) {
  const { proof, token: planned, method } = attempt;
  const cnf = planned.cnf;
  const bound = cnf !== undefined && "key" in cnf ? cnf.key : "ec";
  const nameOf = (name: string) => (name === "bound" ? bound : name);
  const signerName = nameOf(proof.signer);
  const signer = KEYS[signerName] as SigningKey;
  const jwk = jwkFor(proof.jwk, signerName, bound);
  const bits = hash(token);
  const fresh = `proof-${ids.count++}`;
  const jti = {
    ...{
      fresh,
      again: ids.used ?? fresh,
      empty: "",
      longest: fresh.padEnd(256, "x"),
      "too-long": fresh.padEnd(257, "x"),
    },
    ...{ number: 7, missing: undefined, null: null },
  }[proof.jti];
  const htm = {
    own: method,
    lower: method.toLowerCase(),
    other: "PATCH",
    missing: undefined,
    number: 1,
    space: `${method} `,
  };
  const ath = {
    ...{ own: bits.toString("base64url"), other: hash("other").toString("base64url"), missing: undefined, number: 5 },
    ...{ base64: bits.toString("base64"), hex: bits.toString("hex") },
  };
  const offset = (value: number | string | undefined) =>
    typeof value === "number" ? now + value : ({ null: null, milliseconds: now * 1000 }[value as "null"] ?? value);
  const alg =
    proof.alg === "own" ? signer.alg : ({ missing: undefined, number: 1 }[proof.alg as "number"] ?? proof.alg);
  const extension = { none: {}, crit: { crit: ["b64"] }, b64: { b64: true }, zip: { zip: "DEF" } }[
    proof.extension as "crit"
  ];
  const header = {
    typ: { missing: undefined, number: 1 }[proof.typ as "number"] ?? (proof.typ === "missing" ? undefined : proof.typ),
    alg: proof.alg === "missing" ? undefined : alg,
    ...{ kid: undefined, jwk },
    ...extension,
  };
  const payload = plainly({
    ...{ jti, htm: htm[proof.htm as "own"], ath: ath[proof.ath as "own"], nonce: "ignored" },
    ...{ htu: htuOf(proof.htu, attempt.base + attempt.path), iat: timeOf(proof.iat, setting, now) },
    ...{ exp: offset(proof.exp), nbf: offset(proof.nbf) },
  });
  const text = sized(proof.length, (padding) => mint(signer, { ...payload, ...(padding && { padding }) }, header));
  // The second character from the end, all of whose bits count.
  const broken = text.slice(0, -8) + (text.at(-8) === "A" ? "B" : "A") + text.slice(-7);
  const isPublic = typeof jwk === "object" && jwk !== null && jwk.kty !== "oct";
  const signs = isPublic && thumbprintOf(jwk) === thumbprintOf(jwkOf(signer));
  const isNative = proof.alg === "own";
  const facts = {
    ...{ header: plainly(header), payload, lengthOfProof: text.length, hashOfToken: ath.own },
    thumbprint: {
      bound: thumbprintOf(jwkOf(KEYS[bound] as SigningKey)),
      jwk: isPublic ? thumbprintOf(jwk) : undefined,
    },
    isSignedByJwk: signs && isNative && !proof.isBroken,
    isWeak: isPublic && thumbprintOf(jwk) === thumbprintOf(jwkOf(KEYS.weak as SigningKey)),
    algorithmOfJwk: isPublic ? algorithmOf(jwk) : undefined,
    hasPrivatePart: typeof jwk === "object" && jwk !== null && ("d" in jwk || "k" in jwk),
  };
  return { proof: proof.isBroken ? broken : text, facts };
}

const plainly = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(object));

const algorithmOf = ({ kty, crv }: Readonly<Record<string, unknown>>) =>
  kty === "RSA" ? "RS256" : kty === "OKP" ? "EdDSA" : crv === "P-256" ? "ES256" : "ES384";

function jwkFor(plan: string, signer: string, bound: string): Record<string, unknown> | string | undefined {
  const own = jwkOf(KEYS[signer] as SigningKey);
  if (plan === "bound") return jwkOf(KEYS[bound] as SigningKey);
  if (plan === "stranger") return jwkOf(KEYS.stranger as SigningKey);
  if (plan === "private") return { ...KEYS[signer]?.privateKey.export({ format: "jwk" }) };
  if (plan === "key-id") return { ...own, kid: "mine", use: "sig" };
  if (plan === "oct") return { kty: "oct", k: "AAAA" };
  if (plan === "other-curve") return { ...p384 };
  return { missing: undefined, text: "jwk" }[plan as "text"] ?? (plan === "missing" ? undefined : own);
}

/** A proof of a length, by padding. */
function sized(length: string, make: (padding: string) => string): string {
  const short = make("");
  if (length === "short") return short;
  let size = Math.floor((4090 - short.length) * 0.75) - 20;
  let longest = short;
  for (;;) {
    const text = make("x".repeat(size));
    if (text.length > 4096) return length === "longest" ? longest : text;
    longest = text;
    size += 1;
  }
}
