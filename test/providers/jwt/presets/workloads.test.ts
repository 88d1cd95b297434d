import { describe, expect, test } from "vitest";
import { ecKey } from "../mint.ts";
import { type Claims, type Entry, judgeBy, key } from "./judge.ts";

const API = "https://api.example.com";

interface Workload {
  readonly entry: Entry;
  readonly claims: Claims;
  readonly proves: object;
  readonly refused: Readonly<Record<string, Claims>>;
}

// https://docs.github.com/actions/reference/security/oidc
const GITHUB = "https://token.actions.githubusercontent.com";
const github = {
  jti: "example-id",
  sub: "repo:octo-org/octo-repo:ref:refs/heads/main",
  aud: API,
  ref: "refs/heads/main",
  repository: "octo-org/octo-repo",
  repository_owner: "octo-org",
  repository_id: "74",
  repository_owner_id: "65",
  actor: "octocat",
  event_name: "workflow_dispatch",
  ref_type: "branch",
  job_workflow_ref: "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
  run_id: "1",
  iss: GITHUB,
};

// https://docs.gitlab.com/ci/secrets/id_token_authentication/
const GITLAB = "https://gitlab.com";
const gitlab = {
  namespace_id: "72",
  namespace_path: "my-group",
  project_id: "20",
  project_path: "my-group/my-project",
  user_id: "1",
  user_login: "sample-user",
  pipeline_source: "push",
  job_id: "302",
  ref: "main",
  ref_type: "branch",
  ref_protected: "true",
  environment: "test-environment2",
  runner_environment: "gitlab-hosted",
  jti: "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
  iss: GITLAB,
  sub: "project_path:my-group/my-project:ref_type:branch:ref:main",
  aud: API,
};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
const STS = "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws";
const sts = {
  iss: STS,
  aud: API,
  sub: "arn:aws:iam::123456789012:role/DataProcessingRole",
  jti: "xyz123-def456-ghi789-jkl012",
  "https://sts.amazonaws.com/": {
    aws_account: "123456789012",
    source_region: "us-east-1",
    org_id: "o-abc1234567",
    principal_tags: { environment: "production" },
    lambda_source_function_arn: "arn:aws:lambda:us-east-1:123456789012:function:process-data",
  },
};

// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
const CLUSTER = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";
const kubernetes = {
  aud: [API],
  iss: CLUSTER,
  jti: "ea28ed49-2e11-4280-9ec5-bc3d1d84661a",
  "kubernetes.io": {
    namespace: "payments",
    node: { name: "127.0.0.1", uid: "58456cb0" },
    pod: { name: "invoices-69cbfb9798-jv9gn", uid: "778a530c" },
    serviceaccount: { name: "invoices", uid: "a087d5a0" },
    warnafter: 1_700_006_207,
  },
  sub: "system:serviceaccount:payments:invoices",
};

// https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md: no `iss`, unless the implementation adds one.
const spiffe = { sub: "spiffe://example.org/ns/payments/sa/invoices", aud: API };

const WORKLOADS: Record<string, Workload> = {
  "github-actions": {
    entry: {
      preset: "github-actions",
      issuer: GITHUB,
      audience: API,
      requiredClaims: {
        sub: { like: ["repo:octo-org/*:ref:refs/heads/main", "repo:octo-org@65/*@*:ref:refs/heads/main"] },
      },
    },
    claims: github,
    proves: {
      subject: github.sub,
      kind: "client",
      scopes: [],
      attributes: { repository: "octo-org/octo-repo", repositoryOwnerId: "65", ref: "refs/heads/main", runId: "1" },
    },
    refused: {
      "of another owner whose name begins alike": { sub: "repo:octo-org-evil/octo-repo:ref:refs/heads/main" },
      "of another branch": { sub: "repo:octo-org/octo-repo:ref:refs/heads/x" },
      "of a branch whose name ends as that of the pattern": {
        sub: "repo:octo-org/octo-repo:ref:refs/heads/evil/refs/heads/main",
      },
      "of an environment instead of a branch": { sub: "repo:octo-org/octo-repo:environment:prod" },
      "of an environment named as the rest of the pattern": {
        sub: "repo:octo-org/octo-repo:environment:x:ref:refs/heads/main",
      },
      "of a pull request": { sub: "repo:octo-org/octo-repo:pull_request" },
      "of another owner's id": { sub: "repo:octo-org@66/octo-repo@74:ref:refs/heads/main" },
      "for AWS": { aud: "sts.amazonaws.com" },
      "of another server": { iss: "https://ghes.example.com/_services/token" },
      "without a repository": { repository_id: undefined },
    },
  },
  gitlab: {
    entry: {
      preset: "gitlab",
      issuer: GITLAB,
      audience: API,
      requiredClaims: { namespace_id: "72", sub: { like: "project_path:my-group/*:ref_type:branch:ref:main" } },
    },
    claims: gitlab,
    proves: {
      subject: gitlab.sub,
      kind: "client",
      attributes: { projectPath: "my-group/my-project", refProtected: "true", userLogin: "sample-user" },
    },
    refused: {
      "of another namespace": { namespace_id: "73" },
      "of a project in a group below": { sub: "project_path:my-group/evil/my-project:ref_type:branch:ref:main" },
      "of a tag": { sub: "project_path:my-group/my-project:ref_type:tag:ref:main" },
      "of a person who signed in": { project_id: undefined },
      "for another service": { aud: "https://vault.example.com" },
    },
  },
  "aws-sts": {
    entry: {
      preset: "aws-sts",
      issuer: STS,
      audience: API,
      requiredClaims: { sub: { like: "arn:aws:iam::123456789012:role/Data*" } },
    },
    claims: sts,
    proves: {
      subject: sts.sub,
      kind: "client",
      tenant: "123456789012",
      attributes: { account: "123456789012", organization: "o-abc1234567", region: "us-east-1" },
    },
    refused: {
      "of another role": { sub: "arn:aws:iam::123456789012:role/Admin" },
      "of a role with a path": { sub: "arn:aws:iam::123456789012:role/Data/Admin" },
      "of another account": { iss: "https://other.tokens.sts.global.api.aws" },
      "for another service": { aud: "https://other.example.com" },
      "whose account is no text": { "https://sts.amazonaws.com/": { aws_account: 1 } },
    },
  },
  kubernetes: {
    entry: {
      preset: "kubernetes",
      issuer: CLUSTER,
      audience: API,
      requiredClaims: { sub: { like: "system:serviceaccount:payments:*" } },
    },
    claims: kubernetes,
    proves: {
      subject: kubernetes.sub,
      kind: "client",
      attributes: { namespace: "payments", serviceAccount: "invoices", pod: "invoices-69cbfb9798-jv9gn" },
    },
    refused: {
      "of another namespace": { sub: "system:serviceaccount:web:invoices" },
      "of a node": { sub: "system:node:payments" },
      "of a legacy secret, which does not end": { exp: undefined, iss: "kubernetes/serviceaccount" },
      "for the API server": { aud: ["https://kubernetes.default.svc"] },
      "of another cluster": { iss: "https://oidc.eks.eu-west-1.amazonaws.com/id/OTHER" },
    },
  },
  spiffe: {
    entry: { preset: "spiffe", issuer: "spiffe://example.org", audience: API },
    claims: spiffe,
    proves: { subject: spiffe.sub, issuer: "spiffe://example.org", kind: "client", scopes: [] },
    refused: {
      "of another trust domain": { sub: "spiffe://example.com/ns/payments/sa/invoices" },
      "of a trust domain that begins alike": { sub: "spiffe://example.org.evil.example/a" },
      "of the trust domain itself": { sub: "spiffe://example.org" },
      "with an empty path": { sub: "spiffe://example.org/" },
      "with an empty segment": { sub: "spiffe://example.org/ns//sa" },
      "with a dot segment": { sub: "spiffe://example.org/ns/../sa" },
      "with a query": { sub: "spiffe://example.org/ns?a" },
      "with a user in its authority": { sub: "spiffe://example.org@evil.example/a" },
      "that is too long": { sub: `spiffe://example.org/${"a".repeat(2048)}` },
      "of a name instead of an ID": { sub: "invoices" },
      "without audience": { aud: undefined },
      "without end": { exp: undefined },
      "with an issuer that is not configured": { iss: "https://oidc.example.org" },
    },
  },
};

describe.each(Object.entries(WORKLOADS))("by the preset %s", (_preset, { entry, claims, proves, refused }) => {
  const judge = judgeBy(entry);

  test("the token of a workload proves a client", async () => {
    expect(await judge(claims)).toMatchObject(proves);
  });

  test.each(Object.entries(refused))("a token %s is refused", async (_what, other) => {
    expect(await judge({ ...claims, ...other })).toMatch(/^token_/);
  });
});

test("GitHub's immutable subjects match a pattern with ids", async () => {
  const judge = judgeBy(WORKLOADS["github-actions"]?.entry ?? []);
  expect(await judge({ ...github, sub: "repo:octo-org@65/octo-repo@74:ref:refs/heads/main" })).toHaveProperty(
    "kind",
    "client",
  );
});

describe("a JWT-SVID with an issuer", () => {
  const entry: Entry = {
    preset: "spiffe",
    issuer: "https://oidc.example.org",
    trustDomain: "example.org",
    audience: API,
  };
  const judge = judgeBy(entry);

  test("is found by it, and proves a workload of its trust domain", async () => {
    expect(await judge({ ...spiffe, iss: "https://oidc.example.org" })).toMatchObject({
      subject: spiffe.sub,
      issuer: "https://oidc.example.org",
    });
  });

  test("is refused with the subject of another trust domain", async () => {
    const other = { ...spiffe, iss: "https://oidc.example.org", sub: "spiffe://example.com/a" };
    expect(await judge(other)).toBe("token_claim_invalid");
  });

  test("does not make the entry responsible for tokens without one", async () => {
    expect(await judge(spiffe)).toBe("token_issuer_unknown");
  });
});

describe("of the keys of a SPIFFE trust bundle", () => {
  const entry: Entry = { preset: "spiffe", issuer: "spiffe://example.org", audience: API };
  const ec = ecKey();
  const { alg: _, ...bare } = ec.jwk;

  test("those for JWT-SVIDs count, which name no algorithm", async () => {
    const judge = judgeBy(entry, [{ ...bare, use: "jwt-svid" }]);
    expect(await judge(spiffe, {}, ec)).toHaveProperty("subject", spiffe.sub);
  });

  test("those for certificates do not", async () => {
    const judge = judgeBy(entry, [{ ...bare, use: "x509-svid" }, key.jwk]);
    expect(await judge(spiffe, {}, ec)).toBe("token_key_unknown");
  });

  test("those for JWT-SVIDs do not count for another issuer", async () => {
    const judge = judgeBy({ issuer: "https://id.example.com", algorithms: ["ES256"] }, [
      { ...bare, use: "jwt-svid" },
      ec.jwk,
    ]);
    expect(await judge({ iss: "https://id.example.com", sub: "a" }, {}, ec)).toHaveProperty("subject", "a");
    const without = judgeBy({ issuer: "https://id.example.com", algorithms: ["ES256"] }, [
      { ...bare, use: "jwt-svid" },
      { ...ecKey("other").jwk },
    ]);
    expect(await without({ iss: "https://id.example.com", sub: "a" }, {}, ec)).toBe("token_key_unknown");
  });
});
