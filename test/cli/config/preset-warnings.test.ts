import { describe, expect, test } from "vitest";
import { presetWarnings } from "../../../cli/config/preset-warnings.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const warningsOf = (entry: Entry) =>
  presetWarnings(configOf({ jwt: { issuers: [entry] } })).map(({ path, message }) => `${path}: ${message}`);

const audience = "https://api.example.com";
const github: Entry = { preset: "github-actions", issuer: "https://token.actions.githubusercontent.com", audience };
const gitlab: Entry = { preset: "gitlab", issuer: "https://gitlab.com", audience };
const google: Entry = { preset: "google", issuer: "https://accounts.google.com", audience };
const cluster: Entry = { preset: "kubernetes", issuer: "https://oidc.eks.eu-west-1.amazonaws.com/id/A", audience };
const aws: Entry = { preset: "aws-sts", issuer: "https://a1b2.tokens.sts.global.api.aws", audience };
const okta: Entry = { preset: "okta", issuer: "https://acme.okta.com/oauth2/default", audience };

describe("a warning is given of", () => {
  test.each<[string, Entry, RegExp]>([
    ["GitHub without a condition on the repository", github, /every repository of everybody/],
    [
      "GitHub with a condition on the branch alone",
      { ...github, requiredClaims: { ref: "refs/heads/main" } },
      /every repository of everybody/,
    ],
    [
      "GitHub with a condition that every repository meets",
      { ...github, requiredClaims: { repository_owner: { like: "*" } } },
      /every repository of everybody/,
    ],
    [
      "a '*' in the name of GitHub's owner",
      { ...github, requiredClaims: { sub: { like: "repo:acme*/app:ref:refs/heads/main" } } },
      /name of the owner/,
    ],
    [
      "a '*' for every owner of a repository",
      { ...github, requiredClaims: { repository: { like: "*/app" } } },
      /name of the owner/,
    ],
    ["GitLab without a condition on the namespace", gitlab, /every project of everybody/],
    [
      "a '*' in the name of GitLab's namespace",
      { ...gitlab, requiredClaims: { sub: { like: "project_path:a*/b:ref_type:branch:ref:main" } } },
      /name of the owner/,
    ],
    ["Google without a Workspace domain", google, /everybody with a Google account/],
    ["Kubernetes without a subject", cluster, /every service account/],
    [
      "a cluster that Lambda cannot ask",
      {
        ...cluster,
        issuer: "https://kubernetes.default.svc.cluster.local",
        requiredClaims: { sub: "system:serviceaccount:a:b" },
      },
      /inside the cluster/,
    ],
    ["Okta's org authorization server", { ...okta, issuer: "https://acme.okta.com" }, /org authorization server/],
  ])("%s", (_what, entry, message) => {
    expect(warningsOf(entry)).toEqual([expect.stringMatching(message)]);
  });
});

describe("a condition that everybody meets counts as none:", () => {
  const GITHUB = "every repository of everybody";
  const GITLAB = "every project of everybody";
  const GOOGLE = "everybody with a Google account";
  test.each<[Entry, string, string | string[], string]>([
    [github, "job_workflow_ref", "acme/deploy/.github/workflows/x.yml@refs/heads/main", GITHUB],
    [github, "sub", "environment:prod", GITHUB],
    [github, "sub", ["job_workflow_ref:acme/deploy/*"], GITHUB],
    [github, "sub", ["repository_visibility:private:*"], GITHUB],
    [github, "sub", ["*:*/*:environment:prod"], GITHUB],
    [github, "sub", ["repo:*/*:environment:prod"], GITHUB],
    [github, "sub", ["repo:acme/*:ref:refs/heads/main", "repo:*/*:environment:prod"], GITHUB],
    [github, "repository", ["*/*"], GITHUB],
    [gitlab, "sub", ["*:*/*:ref_type:branch:ref:main"], GITLAB],
    [gitlab, "sub", ["project_path:*/*:ref_type:branch:ref:main"], GITLAB],
    [gitlab, "project_path", ["*/*"], GITLAB],
    [google, "hd", ["*.*"], GOOGLE],
    [google, "hd", ["*.com"], GOOGLE],
    [google, "hd", ["*example.com"], GOOGLE],
    [google, "email", ["*@*"], GOOGLE],
    [google, "email", ["alice@*"], GOOGLE],
    [cluster, "sub", ["system:*:*:*"], "every service account"],
    [cluster, "sub", ["*:serviceaccount:*:*"], "every service account"],
    [aws, "sub", ["arn:aws:iam::123456789012:role/*"], "every role"],
    [aws, "aws_account", "123456789012", "every role"],
  ])("%o with %s %j", (entry, name, value, message) => {
    const required = Array.isArray(value) ? { like: value } : value;
    expect(warningsOf({ ...entry, requiredClaims: { [name]: required } })).toEqual([expect.stringContaining(message)]);
  });
});

describe("no warning is given of", () => {
  test.each<[string, Entry]>([
    ["GitHub with an owner's id", { ...github, requiredClaims: { repository_owner_id: "65" } }],
    ["GitHub with an owner in a pattern", { ...github, requiredClaims: { sub: { like: "repo:acme/*:pull_request" } } }],
    [
      "GitHub with an id in a pattern",
      { ...github, requiredClaims: { sub: { like: "repo:acme@*/*@*:environment:prod" } } },
    ],
    [
      "a '*' in a name beside an id",
      { ...github, requiredClaims: { repository: { like: "*/app" }, repository_owner_id: "65" } },
    ],
    ["GitHub with an owner in a customised sub", { ...github, requiredClaims: { sub: "repository_owner:acme" } }],
    [
      "GitHub with a repository behind an environment",
      { ...github, requiredClaims: { sub: { like: "environment:prod:repo:acme/app" } } },
    ],
    [
      "GitHub with a reusable workflow beside an owner",
      { ...github, requiredClaims: { job_workflow_ref: { like: "acme/x/*" }, repository_owner: "acme" } },
    ],
    ["GitLab with a group", { ...gitlab, requiredClaims: { sub: { like: "project_path:acme/*:ref_type:tag:ref:*" } } }],
    ["Google with subdomains of a domain", { ...google, requiredClaims: { hd: { like: "*.example.com" } } }],
    ["Google with addresses of a domain", { ...google, requiredClaims: { email: { like: "*@example.com" } } }],
    ["Kubernetes with a name", { ...cluster, requiredClaims: { sub: { like: "system:serviceaccount:*:deploy" } } }],
    ["AWS with a role", { ...aws, requiredClaims: { sub: { like: "arn:aws:iam::*:role/deploy" } } }],
    ["GitLab with a namespace", { ...gitlab, requiredClaims: { namespace_path: "acme" } }],
    ["Google with a Workspace domain", { ...google, requiredClaims: { hd: "example.com" } }],
    ["Kubernetes with a namespace", { ...cluster, requiredClaims: { sub: { like: "system:serviceaccount:a:*" } } }],
    ["Okta's custom authorization server", okta],
    ["an issuer without a preset", { issuer: "https://gitlab.com" }],
  ])("%s", (_what, entry) => {
    expect(warningsOf(entry)).toEqual([]);
  });
});
