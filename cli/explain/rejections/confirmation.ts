import { X509Certificate } from "node:crypto";
import { requestedPath } from "../../../providers/confirmation/dpop/target-uri.ts";
import { sha256 } from "../../../providers/confirmation/same-hash.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { isObject, objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { parseStrictObject } from "../../../shared/infrastructure/json/strict-json.ts";
import { shownNames } from "../shown-value.ts";
import { anyOf, type Expectation, expectation, expectedStart } from "./expectation.ts";

/** What is known of a token whose sender was not confirmed. */
interface ConfirmationCase {
  /** The claim `cnf`. */
  readonly cnf: unknown;
  readonly token: string;
  readonly request: AuthorizationRequest;
  readonly config: Config;
  /** Of the DPoP proof, as far as it can be read. Nothing of it is verified. */
  readonly header: UnknownObject;
  readonly claims: UnknownObject;
}

type Explain = (given: ConfirmationCase) => readonly Expectation[];

const BY_REASON: Readonly<Record<string, Explain>> = {
  token_confirmation_unsupported: ({ cnf, config, request }) => [
    expectation("cnf", '"x5t#S256", "jkt", or both, and nothing else', isObject(cnf) ? Object.keys(cnf) : cnf),
    ...(isObject(cnf) && Object.hasOwn(cnf, "jkt")
      ? [
          expectation("dpop (configuration)", "origins and replayTable", config.dpop ? "there" : undefined),
          expectation(
            "event",
            "one with method, path and headers, such as of a REQUEST authorizer",
            request.dpop && "one",
          ),
        ]
      : []),
  ],
  token_confirmation_missing: ({ cnf }) => [
    expectation("cnf", "what senderConstrained of the entry asks for", isObject(cnf) ? Object.keys(cnf) : cnf),
  ],
  token_confirmation_cached: ({ request: { cache } }) => [
    {
      ...{ of: "cache", expected: "none" },
      found: cache?.headers ? `one by ${anyOf(cache.headers)}` : "one by identity sources",
      hint: "set SALLYPORT_CACHED_BY=none for a function whose authorizers have a TTL of 0; on HTTP APIs they have no identity sources",
    },
  ],
  token_certificate_missing: () => [
    expectation("client certificate", "one, by mutual TLS on a custom domain", undefined),
  ],
  token_certificate_mismatch: ({ cnf, request: { clientCertificate } }) => [
    expectation("SHA-256 of the client certificate", beginningOf(objectOf(cnf)["x5t#S256"]), hashOf(clientCertificate)),
  ],
  dpop_scheme_missing: () => [expectation("scheme", "DPoP", "Bearer")],
  dpop_token_unbound: ({ cnf }) => [
    expectation("cnf", '"jkt"', isObject(cnf) ? Object.keys(cnf) : cnf, "send the token with the scheme Bearer"),
  ],
  dpop_proof_missing: ({ request }) => [
    expectation("header DPoP", "one proof", request.dpop?.proofs.length ? "one" : undefined),
  ],
  dpop_proof_ambiguous: () => [expectation("header DPoP", "one proof", "several, or a comma")],
  dpop_proof_malformed: ({ header, claims }) => [
    expectation("typ (proof)", '"dpop+jwt"', header.typ),
    {
      ...{ of: "jwk (proof)", expected: "a public key that fits alg, without d, p, q, k" },
      found: isObject(header.jwk) ? shownNames(Object.keys(header.jwk)) : "none",
    },
    { ...{ of: "claims (proof)", expected: "jti, htm, htu, iat, ath" }, found: shownNames(Object.keys(claims)) },
  ],
  dpop_algorithm_not_allowed: ({ header, config }) => [
    expectation("alg (proof)", `${anyOf(config.dpop?.algorithms ?? [])} (dpop.algorithms)`, header.alg),
  ],
  dpop_key_weak: ({ header }) => [expectation("jwk (proof)", "RSA of 2048 to 8192 bits", objectOf(header.jwk).kty)],
  dpop_key_mismatch: ({ cnf }) => [
    expectation("key of the proof", `the one of cnf.jkt, ${beginningOf(objectOf(cnf).jkt)}`, "another"),
  ],
  dpop_token_mismatch: ({ claims, token }) => [
    {
      of: "ath (proof)",
      expected: `${beginningOf(sha256(token))}, the SHA-256 of the token`,
      found: beginningOf(claims.ath),
    },
  ],
  dpop_method_mismatch: ({ claims, request }) => [
    expectation("htm (proof)", anyOf([request.dpop?.method]), claims.htm),
  ],
  dpop_url_mismatch: ({ claims, request: { dpop }, config }) => {
    const path = requestedPath(dpop?.path ?? "", dpop?.isDecoded ?? false) ?? "";
    const wanted = anyOf((config.dpop?.origins ?? []).map((origin) => origin + path));
    return [
      expectation("htu (proof)", `${wanted} (dpop.origins and the path with its stage or base path)`, claims.htu),
    ];
  },
  dpop_path_unclear: ({ request: { dpop } }) => [
    {
      ...{ of: "path", expected: "one without `.` and `..`" },
      ...(dpop?.isDecoded && { expected: "one that needs no encoding, as HTTP APIs decode it, without `.` and `..`" }),
      found: "another",
    },
  ],
  dpop_proof_expired: ({ claims, config, request: { time } }) => [
    expectation("iat (proof)", `at most ${config.dpop?.maxAge ?? 0} s (dpop.maxAge) before ${time}`, claims.iat),
    ...(claims.exp === undefined ? [] : [expectation("exp (proof)", `later than ${time}`, claims.exp)]),
  ],
  dpop_proof_in_future: ({ claims, config, request: { time } }) => [
    expectedStart("iat (proof)", Number(claims.iat), time, config.dpop?.clockTolerance ?? 0),
  ],
  dpop_signature_invalid: ({ header }) => [expectation("signature (proof)", "of its own jwk", header.alg)],
  dpop_nonce_missing: () => [
    expectation("nonce (proof)", "the server's, which the answer has in the header DPoP-Nonce", undefined),
  ],
  dpop_nonce_expired: ({ claims, config }) => [
    expectation(
      "nonce (proof)",
      `one that the server gave out less than ${2 * (config.dpop?.nonce?.lifetime ?? 0)} s ago (twice dpop.nonce.lifetime)`,
      claims.nonce,
    ),
  ],
  dpop_proof_replayed: ({ claims }) => [expectation("jti (proof)", "one that was not used yet", claims.jti)],
};

/**
 * What was expected of a token's sender, and what was found. Undefined for a reason of another kind.
 *
 * @param token its text
 * @param cnf its claim, or that of the answer to its introspection
 */
export function confirmationExpectations(
  reason: string,
  { token, cnf }: Pick<ConfirmationCase, "token" | "cnf">,
  request: AuthorizationRequest,
  config: Config,
): readonly Expectation[] | undefined {
  const explain = Object.hasOwn(BY_REASON, reason) ? BY_REASON[reason] : undefined;
  const [header, claims] = (request.dpop?.proofs[0] ?? "").split(".").map(objectIn);
  return explain?.({ cnf, token, request, config, header: header ?? {}, claims: claims ?? {} });
}

function objectIn(segment: string): UnknownObject {
  try {
    return parseStrictObject(Buffer.from(segment, "base64url"));
  } catch {
    return {};
  }
}

/** The beginning of a hash, so that two of them can be told apart. */
const beginningOf = (hash: unknown): string => (typeof hash === "string" ? `"${hash.slice(0, 8)}…"` : "none");

function hashOf(pem: string | undefined): string {
  try {
    return beginningOf(sha256(new X509Certificate(pem ?? "").raw)).replaceAll('"', "");
  } catch {
    return "a certificate that cannot be read";
  }
}
