import { randomBytes, randomUUID } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import { generateApiKey } from "../../providers/api-key/format.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey, type KeyOptions } from "../../providers/api-key/management/issue.ts";
import { disableKey, revokeKey } from "../../providers/api-key/management/status.ts";
import type { KeyStatus } from "../../providers/api-key/record.ts";
import { Nonces } from "../../providers/confirmation/dpop/nonces.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { LOCAL, localSecrets } from "./configuration.ts";
import { createDpopKey, dpopClient, type ProofRequest } from "./dpop-client.ts";
import type { Identities } from "./identities.ts";
import { opaqueToken } from "./introspection-server.ts";
import { createOperator, type Operator } from "./operator.ts";
import { type AssertionOptions, type CredentialForm, issueSamlCredential } from "./saml/identity-provider.ts";

type Claims = Readonly<Record<string, unknown>>;

/** The issuers of credentials, with fixed clocks. */
export interface Issuers {
  /** Their clock, in seconds since the epoch. */
  readonly time: number;
  /** Signs a JWT for Alice of the tenant acme. `claims` are added, or replace hers. */
  jwt(claims?: Claims): Promise<string>;
  /** Signs a JWT for a workflow of GitHub Actions, on the branch `main` of the repository `acme/shop`. */
  workload(claims?: Claims): Promise<string>;
  /**
   * The headers of a client with a DPoP key: a JWT for Alice that is bound to the key, and a proof for one request.
   *
   * @param claims of the JWT, as for `jwt`
   * @param proof claims of the proof, which are added, or replace its own, such as the server's present nonce where the
   *   configuration asks for one
   */
  dpop(request: ProofRequest, claims?: Claims, proof?: Claims): Promise<DpopHeaders>;
  /** Issues an opaque token for Alice. `claims` are added to what its server says of it, or replace hers. */
  opaque(claims?: Claims): string;
  /** An opaque token of an issuer whose server is down. */
  unknowableToken(): string;
  /** Signs an assertion for Alice. */
  saml(options?: Partial<AssertionOptions>, form?: CredentialForm): string;
  /** The authorizer's certificate, for which assertions are encrypted. */
  readonly ourCertificate: string;
  /** Issues an API key of the tenant acme, and sets its status if one is given. */
  apiKey(options?: Partial<KeyOptions>, status?: KeyStatus): Promise<string>;
  /** A well-formed key that was never issued. */
  unknownKey(): string;
  /** What an operator does to the callers with a JWT. */
  readonly operator: Operator;
}

/** Headers of a request with a token that is bound to a key. */
export interface DpopHeaders extends Record<string, string> {
  readonly Authorization: string;
  readonly DPoP: string;
}

/** Signs claims for the issuer that the configuration trusts. */
export type SignJwt = (claims: Claims) => Promise<string>;

/** Signs with the key of the default issuer of `localConfig`. */
export async function signWithIdentity({ jwtKey }: Identities): Promise<SignJwt> {
  const key = await importJWK(jwtKey);
  return (claims) =>
    new SignJWT({ iss: LOCAL.jwtIssuer, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "local", typ: "JWT" })
      .sign(key);
}

/**
 * Makes the issuers for a configuration. API keys are stored in its table. Secrets for issuing are set in this
 * process's environment.
 *
 * @param time the issuers' clock, in seconds since the epoch
 */
export function createIssuers(identities: Identities, config: SallyportConfig, sign: SignJwt, time: number): Issuers {
  const { apiKeys, jwt: section, entitlements, dpop } = parseConfig(config);
  if (!apiKeys) throw new Error("The local configuration has no API keys.");
  const table = dynamoDbKeyTable(apiKeys.table);
  Object.assign(process.env, localSecrets(identities));
  const jwt: Issuers["jwt"] = (claims) =>
    sign({
      aud: LOCAL.audience,
      sub: "alice",
      client_id: LOCAL.webClient,
      tenant: "acme",
      iat: time,
      nbf: time,
      exp: time + 600,
      ...claims,
    });
  return {
    time,
    jwt,
    async dpop(request, claims = {}, proof = {}) {
      const client = await dpopClient(await createDpopKey());
      const token = await jwt({ cnf: { jkt: client.thumbprint }, ...claims });
      const nonce = dpop?.nonce && { nonce: await new Nonces(dpop.nonce).current(time) };
      return { Authorization: `DPoP ${token}`, DPoP: await client.proof(request, token, time, { ...nonce, ...proof }) };
    },
    workload: (claims) =>
      sign({
        iss: LOCAL.workloadIssuer,
        aud: LOCAL.audience,
        sub: "repo:acme/shop:ref:refs/heads/main",
        ref: "refs/heads/main",
        ...{ repository: "acme/shop", repository_id: "74", repository_owner: "acme", repository_owner_id: "65" },
        ...{ event_name: "push", run_id: "1", actor: "alice" },
        ...{ iat: time, nbf: time, exp: time + 600 },
        ...claims,
      }),
    opaque: (claims) =>
      opaqueToken(
        {
          ...{ iss: LOCAL.opaqueIssuer, aud: LOCAL.audience, sub: "alice", client_id: LOCAL.webClient, tenant: "acme" },
          ...{ token_type: "Bearer", iat: time, exp: time + 600 },
          ...claims,
        },
        identities,
      ),
    unknowableToken: () => `${LOCAL.downOpaquePrefix}${randomBytes(24).toString("base64url")}`,
    ourCertificate: identities.samlEncryption.certificate,
    saml: (options, form) =>
      issueSamlCredential(
        identities.saml,
        {
          issuer: LOCAL.samlIssuer,
          subject: "alice",
          audience: LOCAL.samlAudience,
          recipient: LOCAL.samlRecipient,
          time,
          id: `_${randomUUID()}`,
          ...options,
        },
        form,
      ),
    async apiKey(options, status) {
      const change = { by: "local stage", time };
      const { key, record } = await issueApiKey(
        { name: "Local partner", tenant: "acme", expiresIn: 900, ...options },
        apiKeys,
        table,
        change,
      );
      if (status === "revoked") await revokeKey(table, record.id, change);
      if (status === "disabled") await disableKey(table, record.id, change);
      return key;
    },
    operator: createOperator(
      entitlements?.table ?? LOCAL.entitlementsTable,
      section?.issuers[0]?.issuer ?? LOCAL.jwtIssuer,
      time,
    ),
    unknownKey: () => generateApiKey(apiKeys.prefix, apiKeys.environment).text,
  };
}
