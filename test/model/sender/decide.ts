import { type Attempt, ORIGINS, type Setting } from "./attempt.ts";
import { isUnclear, names } from "./uri.ts";

/**
 * What becomes of a request with a token that may be bound to a key, by docs/sender-constrained-tokens.md: the reasons
 * that may be told, or how the sender was proved. It sees the values that were sent, never an event or a proof's text.
 */

/** What was sent, in values. */
export interface Facts {
  readonly now: number;
  readonly endOfToken: number;
  /** `DPoP` in any case. */
  readonly isDpopScheme: boolean;
  /** The path as the event says it. */
  readonly path: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly lengthOfProof: number;
  readonly hashOfToken: string;
  readonly thumbprint: { readonly bound: string | undefined; readonly jwk: string | undefined };
  readonly isSignedByJwk: boolean;
  readonly isWeak: boolean;
  /** The algorithms that fit the key of the `jwk`. */
  readonly algorithmOfJwk: string | undefined;
  readonly hasPrivatePart: boolean;
}

/** What is remembered from one request to the next. */
export interface Memory {
  readonly table: Set<string>;
  /** Of each instance. */
  readonly seen: readonly Set<string>[];
}

export type Verdict = { readonly reasons: readonly string[] } | { readonly proved: readonly string[] };

export function decide(setting: Setting, attempt: Attempt, facts: Facts, memory: Memory): Verdict {
  const { token, api } = attempt;
  const { cnf } = token;
  if (facts.now >= facts.endOfToken) return { reasons: ["token_expired"] };
  const binding = bindingFaults(setting, attempt, facts);
  if (binding.length > 0) return { reasons: binding };
  const certificate = cnf !== undefined && "certificate" in cnf ? ["mtls"] : [];
  const signature = token.isSigned || token.isOpaque ? [] : ["token_signature_invalid"];
  if (cnf === undefined || !("key" in cnf)) {
    return signature.length > 0 ? { reasons: signature } : { proved: certificate };
  }
  const steps = [
    () => headerFaults(attempt, facts),
    () => shapeFaults(facts),
    () => fitFaults(setting, attempt, facts, api.startsWith("http")),
    () => signature,
    () => keyFaults(setting, facts),
  ];
  for (const step of steps) {
    const reasons = step();
    if (reasons.length > 0) return { reasons };
  }
  return useOnce(attempt, facts, memory) ?? { proved: [...certificate, "dpop"] };
}

/** Step 2: `cnf`, the scheme, the kind of API, and the cache; and the certificate. */
function bindingFaults(setting: Setting, attempt: Attempt, { isDpopScheme }: Facts): string[] {
  const { token, api, certificate } = attempt;
  const { cnf } = token;
  const { requires } = setting;
  if (cnf === undefined) {
    return [...(isDpopScheme ? ["dpop_token_unbound"] : []), ...(requires ? ["token_confirmation_missing"] : [])];
  }
  if ("malformed" in cnf) return ["token_confirmation_unsupported"];
  const [key, bound] = ["key" in cnf, "certificate" in cnf];
  const shows = ["rest-request", "http-1.0", "http-2.0"].includes(api);
  const isMissing = (requires === "mtls" && !bound) || (requires === "dpop" && !key);
  return [
    ...(key && !(shows && setting.hasDpop) ? ["token_confirmation_unsupported"] : []),
    ...(isMissing ? ["token_confirmation_missing"] : []),
    ...(key && !isDpopScheme ? ["dpop_scheme_missing"] : []),
    ...(!key && isDpopScheme ? ["dpop_token_unbound"] : []),
    ...(isUncached(setting, attempt, key) ? [] : ["token_confirmation_cached"]),
    ...(bound && (certificate === "none" || !shows) ? ["token_certificate_missing"] : []),
    ...("certificate" in cnf && certificate !== "none" && shows && certificate !== cnf.certificate
      ? ["token_certificate_mismatch"]
      : []),
  ];
}

function isUncached({ cachedBy }: Setting, { api, sources, certificate }: Attempt, isBoundToKey: boolean): boolean {
  if (api.startsWith("http") && sources === "none") return true;
  if (api === "rest-request" && cachedBy === "none") return true;
  // The certificate in the cache's key, for tokens that are bound to a certificate alone.
  const isNamed = cachedBy?.includes("clientCert") ?? false;
  if (isBoundToKey || !isNamed || certificate === "none") return false;
  return api === "rest-request" || (api === "http-2.0" && sources === certificate);
}

function headerFaults({ header }: Attempt, { lengthOfProof }: Facts): string[] {
  if (header === "none") return ["dpop_proof_missing"];
  if (header === "empty") return ["dpop_proof_missing", "dpop_proof_malformed"];
  if (header === "two" || header === "cases" || header === "joined") return ["dpop_proof_ambiguous"];
  return lengthOfProof > 4096 ? ["dpop_proof_malformed"] : [];
}

const isText = (value: unknown) => typeof value === "string";
/** Seconds since the epoch, until the year 9999. */
const isTime = (value: unknown) => typeof value === "number" && value >= 0 && value < 253_402_300_800;

function shapeFaults({ header, payload }: Facts): string[] {
  const { jti, htm, htu, iat, ath } = payload;
  const isWell =
    header.typ === "dpop+jwt" &&
    typeof header.jwk === "object" &&
    !["crit", "b64", "zip"].some((name) => name in header) &&
    typeof jti === "string" &&
    jti.length >= 1 &&
    jti.length <= 256 &&
    [htm, htu, ath].every(isText) &&
    isTime(iat);
  return isWell ? [] : ["dpop_proof_malformed"];
}

function fitFaults(setting: Setting, { method }: Attempt, facts: Facts, isDecoded: boolean): string[] {
  const { maxAge, clockTolerance } = setting;
  const { htm, htu, iat, ath, exp = Number.POSITIVE_INFINITY, nbf = 0 } = facts.payload as Record<string, number>;
  const { now, path } = facts;
  const isPathUnclear = isUnclear(path, isDecoded);
  return [
    ...([exp, nbf].every((time) => time === Number.POSITIVE_INFINITY || isTime(time)) ? [] : ["dpop_proof_malformed"]),
    ...(String(htm) === method ? [] : ["dpop_method_mismatch"]),
    ...(isPathUnclear ? ["dpop_path_unclear"] : []),
    ...(isPathUnclear || names(String(htu), ORIGINS, path) ? [] : ["dpop_url_mismatch"]),
    ...(Number(iat) < now - maxAge || Number(exp) <= now ? ["dpop_proof_expired"] : []),
    ...(Number(iat) > now + clockTolerance || nbf > now + clockTolerance ? ["dpop_proof_in_future"] : []),
    ...(String(ath) === facts.hashOfToken ? [] : ["dpop_token_mismatch"]),
  ];
}

function keyFaults({ algorithms }: Setting, facts: Facts): string[] {
  const { alg } = facts.header;
  const isListed = (algorithms as readonly unknown[]).includes(alg);
  const isKey = facts.thumbprint.jwk !== undefined && !facts.hasPrivatePart;
  return [
    ...(isListed ? [] : ["dpop_algorithm_not_allowed"]),
    ...(isKey && facts.algorithmOfJwk === alg ? [] : ["dpop_proof_malformed"]),
    ...(isKey && facts.isWeak ? ["dpop_key_weak"] : []),
    ...(isKey && facts.thumbprint.jwk !== facts.thumbprint.bound ? ["dpop_key_mismatch"] : []),
    ...(facts.isSignedByJwk ? [] : ["dpop_signature_invalid"]),
  ];
}

/** The last step. Undefined: it is the first use. */
function useOnce({ instance, storeFails }: Attempt, facts: Facts, { table, seen }: Memory): Verdict | undefined {
  const use = JSON.stringify([facts.thumbprint.bound, facts.payload.jti]);
  const mine = seen[instance] as Set<string>;
  if (mine.has(use)) return { reasons: ["dpop_proof_replayed"] };
  if (storeFails) return { reasons: ["replay_store_unavailable"] };
  const isUsed = table.has(use);
  table.add(use);
  mine.add(use);
  return isUsed ? { reasons: ["dpop_proof_replayed"] } : undefined;
}
