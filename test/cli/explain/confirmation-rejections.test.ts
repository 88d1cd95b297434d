import { expect, test, vi } from "vitest";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { NOW } from "../../fixtures.ts";
import {
  boundToken,
  clientKey,
  issuerKey,
  ORIGIN,
  type ProofParts,
  plainToken,
  proofFor,
  publicJwk,
  strangerKey,
  thumbprintOf,
} from "../../providers/confirmation/fixture.ts";
import { AUDIENCE, ISSUER } from "../../providers/jwt/mint.ts";
import { expectationsIn, explained } from "./explained.ts";

/** What `explain` says of a token whose sender is not confirmed. Nothing of the token or the proof is printed whole. */

const keys = { jwks: { keys: [issuerKey.jwk as { kty: string }] } };
const DPOP = { origins: [ORIGIN], replayTable: "proofs" };
const CONFIG: Partial<SallyportConfig> = {
  jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys }] },
  dpop: DPOP,
};
const token = boundToken();

async function rejected(headers: readonly string[], config = CONFIG, ...argv: string[]) {
  const curl = `curl ${headers.map((header) => `-H '${header}'`).join(" ")} http://h/prod/whoami`;
  const cached = argv.length > 0 ? argv : ["--cached-by", "none"];
  const { stdout, stderr, explanation } = await explained(config, "--curl", curl, ...cached);
  const printed = stdout + stderr + JSON.stringify(explanation);
  const parts = headers.flatMap((header) => header.split(/[ .]/)).filter(({ length }) => length > 12);
  for (const part of parts) expect(printed).not.toContain(part);
  return { reason: explanation.reason, expectations: expectationsIn(explanation) };
}

const withProof = (parts: ProofParts) => [`Authorization: DPoP ${token}`, `DPoP: ${proofFor(token, parts)}`];
const start = (hash: string) => `"${hash.slice(0, 8)}…"`;

test.each([
  [
    "dpop_nonce_missing",
    undefined,
    "nonce (proof): the server's, which the answer has in the header DPoP-Nonce / none",
  ],
  [
    "dpop_nonce_expired",
    "of-yesterday",
    'nonce (proof): one that the server gave out less than 600 s ago (twice dpop.nonce.lifetime) / "of-yesterday"',
  ],
])("%s says what the nonce has to be", async (reason, nonce, expected) => {
  vi.stubEnv("TEST_NONCE_SECRET", "n".repeat(16));
  const config = { ...CONFIG, dpop: { ...DPOP, nonce: { secret: { environment: "TEST_NONCE_SECRET" } } } };
  expect(await rejected(withProof({ claims: { nonce } }), config)).toEqual({ reason, expectations: [expected] });
});

test("a good proof is explained without being used up", async () => {
  const headers = withProof({});
  const curl = `curl -H '${headers[0]}' -H '${headers[1]}' http://h/prod/whoami`;
  for (const _ of [1, 2]) {
    const { explanation, stdout } = await explained(CONFIG, "--curl", curl, "--cached-by", "none");
    expect(explanation).toMatchObject({ outcome: "allow", principals: [{ confirmation: ["dpop"] }] });
    expect(stdout).toMatch(/confirmed by +dpop/);
  }
});

test.each<[string, ProofParts, string[]]>([
  ["dpop_method_mismatch", { claims: { htm: "POST" } }, ['htm (proof): "GET" / "POST"']],
  [
    "dpop_url_mismatch",
    { claims: { htu: `${ORIGIN}/whoami` } },
    [
      `htu (proof): "${ORIGIN}/prod/whoami" (dpop.origins and the path with its stage or base path) / "${ORIGIN}/whoami"`,
    ],
  ],
  [
    "dpop_proof_expired",
    { claims: { iat: NOW - 100 } },
    [`iat (proof): at most 60 s (dpop.maxAge) before ${NOW} / ${NOW - 100}`],
  ],
  [
    "dpop_key_mismatch",
    { key: strangerKey },
    [`key of the proof: the one of cnf.jkt, ${start(thumbprintOf(clientKey))} / "another"`],
  ],
  [
    "dpop_algorithm_not_allowed",
    { header: { alg: "ES256K" } },
    [
      'alg (proof): one of "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "RS256" (dpop.algorithms) / "ES256K"',
    ],
  ],
  [
    "dpop_proof_malformed",
    { header: { jwk: { ...publicJwk(clientKey), d: "x" } }, claims: { ath: undefined } },
    [
      'typ (proof): "dpop+jwt" / "dpop+jwt"',
      'jwk (proof): a public key that fits alg, without d, p, q, k / "kty", "x", "y", "crv", "d"',
      'claims (proof): jti, htm, htu, iat, ath / "jti", "htm", "htu", "iat"',
    ],
  ],
  [
    "dpop_token_mismatch",
    { claims: { ath: "x".repeat(43) } },
    [expect.stringMatching(/^ath \(proof\): ".{8}…", the SHA-256 of the token \/ "xxxxxxxx…"$/)],
  ],
  ["dpop_proof_in_future", { claims: { iat: NOW + 31 } }, [expect.stringContaining("30 s of clockTolerance")]],
])("%s says what was expected and found", async (reason, parts, expectations) => {
  expect(await rejected(withProof(parts))).toEqual({ reason, expectations });
});

test("the schemes, the header and the cache are told from one another", async () => {
  expect(await rejected([`Authorization: Bearer ${token}`])).toEqual({
    reason: "dpop_scheme_missing",
    expectations: ['scheme: DPoP / "Bearer"'],
  });
  expect(await rejected([`Authorization: DPoP ${plainToken()}`])).toEqual({
    reason: "dpop_token_unbound",
    expectations: ['cnf: "jkt" / none (send the token with the scheme Bearer)'],
  });
  expect(await rejected([`Authorization: DPoP ${token}`])).toEqual({
    reason: "dpop_proof_missing",
    expectations: ["header DPoP: one proof / none"],
  });
  expect(await rejected(withProof({}), CONFIG, "--cached-by", "authorization")).toMatchObject({
    reason: "token_confirmation_cached",
    expectations: [expect.stringMatching(/^cache: none \/ one by "authorization" \(set SALLYPORT_CACHED_BY=none/)],
  });
});

test("what is missing for a token that is bound to a key is named", async () => {
  const { dpop: _, ...without } = CONFIG;
  expect(await rejected(withProof({}), without)).toEqual({
    reason: "token_confirmation_unsupported",
    expectations: [
      'cnf: "x5t#S256", "jkt", or both, and nothing else / "jkt"',
      "dpop (configuration): origins and replayTable / none",
      expect.stringContaining("event: one with method, path and headers"),
    ],
  });
  const certificate = boundToken({ "x5t#S256": thumbprintOf(strangerKey) });
  expect(await rejected([`Authorization: Bearer ${certificate}`])).toEqual({
    reason: "token_certificate_missing",
    expectations: ["client certificate: one, by mutual TLS on a custom domain / none"],
  });
});
