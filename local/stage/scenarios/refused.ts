import { randomUUID } from "node:crypto";
import { createDpopKey, dpopClient } from "../dpop-client.ts";
import { apiKey, bearer, newSubject, type Scenario, saml } from "./scenario.ts";

/** Callers whose credential is missing or rejected. */
export const REFUSED: readonly Scenario[] = [
  {
    kind: "no-credential",
    title: "no credential",
    headers: () => ({}),
    outcome: "unauthenticated",
    reason: "credential_missing",
  },
  {
    kind: "basic",
    title: "a credential that nobody recognises",
    headers: () => ({ Authorization: "Basic eDp5" }),
    outcome: "unauthenticated",
    reason: "credential_unrecognised",
  },
  {
    kind: "expired-token",
    title: "an expired token",
    headers: async (by) => bearer(await by.jwt({ exp: 1 })),
    outcome: "unauthenticated",
    reason: "token_expired",
  },
  {
    kind: "wrong-audience",
    title: "a token for another API",
    headers: async (by) => bearer(await by.jwt({ aud: "https://other.example" })),
    outcome: "unauthenticated",
    reason: "token_audience_mismatch",
  },
  {
    kind: "forged-token",
    title: "a token whose claims were changed",
    headers: async (by) => bearer(forged(await by.jwt())),
    outcome: "unauthenticated",
    reason: "token_signature_invalid",
  },
  {
    kind: "unknown-issuer",
    title: "a token of an unknown issuer",
    headers: async (by) => bearer(await by.jwt({ iss: "https://evil.example" })),
    outcome: "unauthenticated",
    reason: "token_issuer_unknown",
  },
  {
    kind: "workload-branch",
    title: "a workflow on another branch",
    headers: async (by) => bearer(await by.workload({ sub: "repo:acme/shop:ref:refs/heads/main/x" })),
    outcome: "unauthenticated",
    reason: "token_claim_invalid",
  },
  {
    kind: "workload-owner",
    title: "a workflow of another owner with such a name",
    headers: async (by) => bearer(await by.workload({ sub: "repo:acme-evil/shop:ref:refs/heads/main" })),
    outcome: "unauthenticated",
    reason: "token_claim_invalid",
  },
  {
    kind: "stolen-dpop-token",
    title: "a stolen token that is bound to a key, without a proof",
    headers: async (by, request) => {
      const { Authorization } = await by.dpop(request);
      return { Authorization: Authorization.replace(/^DPoP/, "Bearer") };
    },
    outcome: "unauthenticated",
    reason: "dpop_scheme_missing",
  },
  {
    kind: "stolen-dpop-proof",
    title: "the same with a proof that was made for another route",
    headers: (by, { method, url }) => by.dpop({ method, url: `${url}/other` }),
    outcome: "unauthenticated",
    reason: "dpop_url_mismatch",
  },
  {
    kind: "foreign-dpop-proof",
    title: "the same with a proof of the thief's own key",
    headers: async (by, request) => by.dpop(request, { cnf: { jkt: await someThumbprint() } }),
    outcome: "unauthenticated",
    reason: "dpop_key_mismatch",
  },
  {
    kind: "dpop-no-nonce",
    title: "a proof without a nonce of the server: the answer has the nonce to use",
    headers: (by, request) => by.dpop(request, {}, { nonce: undefined }),
    outcome: "unauthenticated",
    reason: "dpop_nonce_missing",
    challenged: true,
  },
  {
    kind: "dpop-old-nonce",
    title: "a proof that was made in advance, with a nonce that is no longer given out",
    headers: (by, request) => by.dpop(request, {}, { nonce: "of-yesterday" }),
    outcome: "unauthenticated",
    reason: "dpop_nonce_expired",
    challenged: true,
  },
  {
    kind: "stolen-certificate-token",
    title: "a stolen token that is bound to a client certificate",
    headers: async (by) => bearer(await by.jwt({ cnf: { "x5t#S256": await someThumbprint() } })),
    outcome: "unauthenticated",
    reason: "token_certificate_missing",
  },
  {
    kind: "opaque-revoked",
    title: "an opaque token that was revoked",
    headers: (by) => bearer(by.opaque({ active: false })),
    outcome: "unauthenticated",
    reason: "token_inactive",
    asks: "introspection",
  },
  {
    kind: "bad-checksum",
    title: "a key with a typo (no database read)",
    headers: async (by) => apiKey(mistyped(by.unknownKey())),
    outcome: "unauthenticated",
    reason: "key_checksum_mismatch",
  },
  {
    kind: "unknown-key",
    title: "a key that nobody issued",
    headers: (by) => apiKey(by.unknownKey()),
    outcome: "unauthenticated",
    reason: "key_unknown",
  },
  {
    kind: "revoked-key",
    title: "a revoked key",
    headers: async (by) => apiKey(await by.apiKey({}, "revoked")),
    outcome: "unauthenticated",
    reason: "key_revoked",
  },
  {
    kind: "revoked-with-user",
    title: "a revoked key beside a valid token",
    headers: async (by) => ({ ...bearer(await by.jwt()), ...apiKey(await by.apiKey({}, "revoked")) }),
    outcome: "unauthenticated",
    reason: "key_revoked",
  },
  {
    kind: "locked-out",
    title: "a user whom an operator has just locked out",
    headers: async ({ jwt, operator }) => {
      const sub = newSubject();
      const token = await jwt({ sub });
      await operator.lockOut(sub);
      return bearer(token);
    },
    outcome: "unauthenticated",
    reason: "subject_disabled",
  },
  {
    kind: "locked-out-tenant",
    title: "a partner's key whose tenant was locked out",
    headers: async ({ apiKey: issue, operator }) => {
      const tenant = `partner-${randomUUID()}`;
      const key = await issue({ tenant });
      await operator.lockOutTenant(tenant);
      return apiKey(key);
    },
    outcome: "unauthenticated",
    reason: "tenant_disabled",
  },
  {
    kind: "revoked-token",
    title: "a token that was revoked by its id",
    headers: async ({ jwt, operator }) => {
      const jti = randomUUID();
      await operator.revokeToken(jti);
      return bearer(await jwt({ jti }));
    },
    outcome: "unauthenticated",
    reason: "token_revoked",
  },
  {
    kind: "revoked-tokens",
    title: "a token from before all of its subject were revoked",
    headers: async ({ jwt, operator }) => {
      const sub = newSubject();
      const token = await jwt({ sub });
      await operator.revokeTokens(sub);
      return bearer(token);
    },
    outcome: "unauthenticated",
    reason: "token_revoked",
  },
  {
    kind: "stranger-saml",
    title: "an assertion for another recipient",
    headers: (by) => saml(by.saml({ recipient: "https://other.example/acs" })),
    outcome: "unauthenticated",
    reason: "assertion_recipient_mismatch",
  },
  {
    kind: "unsigned-saml",
    title: "an assertion without signature",
    headers: (by) => saml(by.saml({}, { sign: [] })),
    outcome: "unauthenticated",
    reason: "assertion_unsigned",
  },
];

/** The SHA-256 of a key that nobody has. */
const someThumbprint = async () => (await dpopClient(await createDpopKey())).thumbprint;

/** The token with another subject under the same signature. */
function forged(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: "root" })).toString("base64url")}.${signature}`;
}

const mistyped = (key: string) => `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
