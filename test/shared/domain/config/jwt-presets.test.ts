import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { configOf } from "../../../fixtures.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const API = "https://api.example.com";
const TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

const resolved = (entry: Entry) => configOf({ jwt: { issuers: [entry] } }).jwt?.issuers[0];

/** The options with mistakes, and what is allowed there. */
function mistakesOf(entry: Entry): Record<string, string> {
  try {
    resolved(entry);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return Object.fromEntries(
      error.mistakes.map(({ path, allowed }) => [path.replace("jwt.issuers[0].", ""), allowed]),
    );
  }
}

describe("a preset is overridden by", () => {
  const github: Entry = {
    preset: "github-actions",
    issuer: "https://token.actions.githubusercontent.com",
    audience: API,
  };

  test("the options of the entry", () => {
    const own: Entry = {
      ...github,
      kind: "auto",
      algorithms: ["ES256"],
      keys: { jwksUri: "https://example.com/keys" },
    };
    expect(resolved(own)).toMatchObject({
      kind: "auto",
      algorithms: ["ES256"],
      keys: { jwksUri: "https://example.com/keys" },
    });
    expect(resolved(github)).toMatchObject({ kind: "client", algorithms: ["RS256"], keys: { discovery: true } });
  });

  test("each mapped claim of the entry, also by none", () => {
    const { claims } = resolved({ ...github, claims: { subject: "repository", scopes: ["s"] } }) ?? {};
    expect(claims).toMatchObject({ subject: "repository", scopes: ["s"], attributes: { ref: "ref" } });
    const auth0: Entry = { preset: "auth0", issuer: "https://acme.eu.auth0.com/", audience: API };
    expect(resolved(auth0)?.claims.roles).toEqual(["permissions"]);
    expect(resolved({ ...auth0, claims: { roles: [] } })?.claims.roles).toEqual([]);
  });

  test("attributes and required claims, name by name", () => {
    const own: Entry = {
      ...github,
      claims: { attributes: { ref: "head_ref", team: "team" } },
      requiredClaims: { repository_id: "74" },
    };
    expect(resolved(own)).toMatchObject({
      claims: { attributes: { ref: "head_ref", team: "team", repository: "repository" } },
      requiredClaims: { repository_id: "74" },
    });
  });
});

test("an entry without a preset has the same values as ever", () => {
  expect(resolved({ issuer: "https://id.example.com" })).toEqual({
    issuer: "https://id.example.com",
    algorithms: ["RS256"],
    keys: { discovery: true },
    kind: "auto",
    claims: {
      subject: "sub",
      scopes: ["scope", "scp"],
      roles: [],
      client: ["client_id", "azp", "cid"],
      attributes: {},
    },
    requiredClaims: {},
    fixed: {},
    clockTolerance: 5,
  });
});

describe("keys of Entra come from", () => {
  const of = (preset: "entra-v1" | "entra-v2", issuer: string, tenantIds?: string[]) =>
    resolved({ preset, issuer, audience: API, ...(tenantIds && { tenantIds }) })?.keys;

  test.each([
    ["entra-v2", `https://login.microsoftonline.com/${TENANT}/v2.0`, undefined, { discovery: true }],
    [
      "entra-v2",
      "https://login.microsoftonline.com/{tenantid}/v2.0",
      [TENANT],
      { jwksUri: "https://login.microsoftonline.com/common/discovery/v2.0/keys" },
    ],
    [
      "entra-v1",
      `https://sts.windows.net/${TENANT}/`,
      undefined,
      { jwksUri: `https://login.microsoftonline.com/${TENANT}/discovery/keys` },
    ],
    [
      "entra-v1",
      "https://sts.windows.net/{tenantid}/",
      [TENANT],
      { jwksUri: "https://login.microsoftonline.com/common/discovery/keys" },
    ],
  ] as const)("%s, %s", (preset, issuer, tenantIds, keys) => {
    expect(of(preset, issuer, tenantIds && [...tenantIds])).toEqual(keys);
  });
});

describe("a mistake is", () => {
  const keys = { jwksUri: "https://example.com/keys" };
  const template = "https://login.microsoftonline.com/{tenantid}/v2.0";
  test.each<[string, Entry, string, RegExp]>([
    [
      "Auth0's issuer without its slash",
      { preset: "auth0", issuer: "https://a.auth0.com" },
      "issuer",
      /'\/' at its end/,
    ],
    ["Cognito's issuer with a slash", { preset: "cognito", issuer: "https://c/", clientIds: "a" }, "issuer", /no '\/'/],
    ["Cognito without clients and audience", { preset: "cognito", issuer: "https://c/p" }, "clientIds", /app clients/],
    [
      "an issuer of v1.0 for v2.0",
      { preset: "entra-v2", issuer: `https://sts.windows.net/${TENANT}/` },
      "issuer",
      /v2\.0/,
    ],
    [
      "an issuer of v2.0 for v1.0",
      { preset: "entra-v1", issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
      "issuer",
      /sts\.windows\.net/,
    ],
    [
      "the name of all tenants",
      { preset: "entra-v2", issuer: "https://login.microsoftonline.com/common/v2.0" },
      "issuer",
      /id of the tenant/,
    ],
    ["a template without tenants", { preset: "entra-v2", issuer: template }, "tenantIds", /accepted tenants/],
    [
      "tenants without a template",
      { preset: "entra-v2", issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, tenantIds: [TENANT] },
      "tenantIds",
      /\{tenantid\}/,
    ],
    ["a template without the preset", { issuer: template, keys }, "preset", /entra/],
    ["tenants without the preset", { issuer: "https://a", tenantIds: [TENANT], keys }, "tenantIds", /nothing/],
    [
      "discovery for a template",
      { preset: "entra-v2", issuer: template, tenantIds: [TENANT], keys: { discovery: true } },
      "keys",
      /jwksUri/,
    ],
    [
      "a tenant's name instead of its id",
      { preset: "entra-v2", issuer: template, tenantIds: ["contoso.onmicrosoft.com"] },
      "tenantIds[0]",
      /id of a tenant/,
    ],
    ["Google without audience", { preset: "google", issuer: "https://accounts.google.com" }, "audience", /this API/],
    ["GitHub without audience", { preset: "github-actions", issuer: "https://g" }, "audience", /this API/],
    ["GitLab without audience", { preset: "gitlab", issuer: "https://g" }, "audience", /this API/],
    ["AWS STS without audience", { preset: "aws-sts", issuer: "https://g" }, "audience", /this API/],
    ["Kubernetes without audience", { preset: "kubernetes", issuer: "https://g" }, "audience", /this API/],
    ["SPIFFE without audience", { preset: "spiffe", issuer: "spiffe://a", keys }, "audience", /this API/],
    ["SPIFFE without keys", { preset: "spiffe", issuer: "spiffe://a", audience: API }, "keys", /jwksUri/],
    [
      "a trust domain in upper case",
      { preset: "spiffe", issuer: "spiffe://A", audience: API, keys },
      "issuer",
      /spiffe:/,
    ],
    ["a SPIFFE ID with a path", { preset: "spiffe", issuer: "spiffe://a/b", audience: API, keys }, "issuer", /spiffe:/],
    [
      "an issuer of JWT-SVIDs without trust domain",
      { preset: "spiffe", issuer: "https://a", audience: API },
      "trustDomain",
      /trust domain/,
    ],
    [
      "a trust domain twice",
      { preset: "spiffe", issuer: "spiffe://a", trustDomain: "b", audience: API, keys },
      "trustDomain",
      /trust domain/,
    ],
    ["a trust domain without the preset", { issuer: "https://a", trustDomain: "a" }, "trustDomain", /nothing/],
    [
      "a star for several parts",
      { issuer: "https://a", requiredClaims: { sub: { like: "repo:**" } } },
      "requiredClaims.sub.like",
      /single/,
    ],
    [
      "a pattern in no `like`",
      { issuer: "https://a", requiredClaims: { sub: { unlike: "a" } } } as never,
      "requiredClaims.sub.unlike",
      /like/,
    ],
  ])("%s", (_what, entry, option, allowed) => {
    const mistakes = mistakesOf(entry);
    expect(Object.keys(mistakes)).toContain(option);
    expect(mistakes[option]).toMatch(allowed);
  });

  test("an unknown preset, and the nearest is named", () => {
    expect(mistakesOf({ preset: "github" as never, issuer: "https://g" }).preset).toMatch(/github-actions/);
  });
});
