import { type JwtPreset, type PresetEntry, type PresetValues, TENANT_ID } from "./preset-types.ts";

const AWS = "https://sts.amazonaws.com/";
const KUBERNETES = "kubernetes.io";

/** Subject of a service account: its namespace and its name, none of which has a colon in it. */
export const SERVICE_ACCOUNT = { like: ["system:serviceaccount:*:*"] };

/** A claim that is a text; which one does not matter. Its presence tells the product's kinds of token apart. */
const PRESENT = { like: ["*"] };

/**
 * `oid` names the same user to every application, and `sub` another one to each. `groups` holds ids, and names that
 * administrators of any tenant choose: roles are the app roles alone.
 */
const ENTRA = { subject: "oid", tenant: "tid", scopes: ["scp"], roles: ["roles"] } as const;

/**
 * The claims of issuers' products, from their documentation. An option that stays as it is without a preset is not
 * mentioned. docs/issuers.md says what each does.
 */
export const JWT_PRESETS = {
  // https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles: `azp`, and `client_id` in the profile of
  // RFC 9068.
  // https://auth0.com/docs/get-started/apis/enable-role-based-access-control-for-apis: `scope` is what the application
  // asked for and the user may; `permissions` is all that the user may, whatever was asked for. So it is no scope.
  auth0: () => ({ claims: { scopes: ["scope"], roles: ["permissions"], client: ["azp", "client_id"] } }),

  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
  cognito: () => ({
    claims: {
      scopes: ["scope"],
      roles: ["cognito:groups"],
      client: ["client_id"],
      attributes: { username: "username" },
    },
    requiredClaims: { token_use: "access" },
  }),

  // https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference: `appid` is in v1.0 tokens only.
  // ID tokens have none (id-token-claims-reference), but they may have `roles` and the same audience.
  "entra-v1": ({ issuer }) => ({
    ...entraKeys(issuer.replace(/^https:\/\/sts\.windows\.net\//, "https://login.microsoftonline.com/"), ""),
    claims: { ...ENTRA, client: ["appid"], attributes: { name: "name", username: "upn" } },
    requiredClaims: { ver: "1.0", appid: PRESENT },
  }),

  // The same page: `azp` is in v2.0 tokens only, and in no ID token.
  "entra-v2": ({ issuer }) => ({
    ...entraKeys(issuer, "/v2.0"),
    claims: { ...ENTRA, client: ["azp"], attributes: { name: "name", username: "preferred_username" } },
    requiredClaims: { ver: "2.0", azp: PRESENT },
  }),

  // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/: `cid` is in access tokens only. Groups are
  // there if the authorization server has a claim `groups` for access tokens. Introspection says `scope` (RFC 7662).
  okta: () => ({
    claims: { scopes: ["scp", "scope"], roles: ["groups"], client: ["cid"], attributes: { userId: "uid" } },
    requiredClaims: { cid: PRESENT },
  }),

  // https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload. Google's access tokens
  // are opaque: an API gets ID tokens.
  google: () => ({
    types: ["JWT"],
    claims: {
      tenant: "hd",
      scopes: [],
      client: ["azp"],
      attributes: { email: "email", emailVerified: "email_verified", name: "name" },
    },
  }),

  // https://www.keycloak.org/docs/latest/server_admin/#_protocol-mappers: the roles of the realm, and those that the
  // audience has as a client. `typ` is `Bearer`, or `DPoP` if the token is bound to a key.
  keycloak: ({ audience = [] }) => ({
    claims: {
      scopes: ["scope"],
      roles: [["realm_access", "roles"], ...audience.map((client) => ["resource_access", client, "roles"])],
      client: ["azp"],
      attributes: { username: "preferred_username", email: "email", name: "name" },
    },
    requiredClaims: { typ: ["Bearer", "DPoP"] },
  }),

  // https://docs.github.com/actions/reference/security/oidc
  "github-actions": () => ({
    kind: "client",
    claims: {
      scopes: [],
      attributes: {
        ...{ repository: "repository", repositoryId: "repository_id", repositoryOwner: "repository_owner" },
        ...{ repositoryOwnerId: "repository_owner_id", ref: "ref", environment: "environment" },
        ...{ eventName: "event_name", workflowRef: "job_workflow_ref", actor: "actor", runId: "run_id" },
      },
    },
    requiredClaims: { repository_id: PRESENT },
  }),

  // https://docs.gitlab.com/ci/secrets/id_token_authentication/. An instance signs the ID tokens of its users with the
  // same name of issuer; only those of jobs have a project.
  gitlab: () => ({
    kind: "client",
    claims: {
      scopes: [],
      attributes: {
        ...{ projectPath: "project_path", projectId: "project_id", namespacePath: "namespace_path" },
        ...{ namespaceId: "namespace_id", ref: "ref", refType: "ref_type", refProtected: "ref_protected" },
        ...{ environment: "environment", pipelineSource: "pipeline_source", userLogin: "user_login", jobId: "job_id" },
      },
    },
    requiredClaims: { project_id: PRESENT },
  }),

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html, and GetWebIdentityToken
  // in the API reference of STS: RS256 or ES384.
  "aws-sts": () => ({
    algorithms: ["ES384", "RS256"],
    kind: "client",
    claims: {
      tenant: [AWS, "aws_account"],
      scopes: [],
      attributes: {
        ...{ account: [AWS, "aws_account"], organization: [AWS, "org_id"], organizationPath: [AWS, "ou_path"] },
        ...{ region: [AWS, "source_region"], lambdaFunction: [AWS, "lambda_source_function_arn"] },
      },
    },
  }),

  // https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
  kubernetes: () => ({
    algorithms: ["RS256", "ES256"],
    kind: "client",
    claims: {
      scopes: [],
      attributes: {
        namespace: [KUBERNETES, "namespace"],
        serviceAccount: [KUBERNETES, "serviceaccount", "name"],
        pod: [KUBERNETES, "pod", "name"],
      },
    },
    requiredClaims: { sub: SERVICE_ACCOUNT },
  }),

  // docs/federation.md: tokens of `functions/federation`.
  sallyport: () => ({
    types: ["at+jwt"],
    claims: {
      ...{ tenant: "tenant", scopes: ["scope"], roles: ["roles"], client: ["client_id"], kind: "kind" },
      addresses: "addresses",
    },
    requiredClaims: { client_id: PRESENT },
  }),

  // https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
  spiffe: () => ({ algorithms: ["ES256", "ES384", "RS256"], kind: "client", claims: { scopes: [] } }),
} as const satisfies Record<JwtPreset, (entry: PresetEntry) => PresetValues>;

/** What a preset sets for an entry. */
export function presetValues(preset: JwtPreset, entry: PresetEntry): PresetValues {
  const values: (entry: PresetEntry) => PresetValues = JWT_PRESETS[preset];
  return values(entry);
}

/**
 * Keys of a multi-tenant application: of the tenant-independent endpoint
 * (https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer). Those of a single tenant
 * are where its discovery document says, for v1.0 at an address that the issuer does not name.
 */
function entraKeys(issuer: string, version: "" | "/v2.0"): Pick<PresetValues, "keys"> {
  if (issuer.includes(TENANT_ID)) {
    return {
      keys: { jwksUri: issuer.replace(`${TENANT_ID}${version}`, `common/discovery${version}/keys`).replace(/\/$/, "") },
    };
  }
  return version === "" ? { keys: { jwksUri: `${issuer}discovery/keys` } } : {};
}
