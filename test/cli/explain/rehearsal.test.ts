import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Explanation } from "../../../cli/explain/explanation.ts";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { samlProvider } from "../../../providers/saml/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import * as saml from "../../providers/saml/fixture.ts";
import { inProcess } from "../in-process.ts";
import { expectationsIn } from "./explained.ts";

const key = rsaKey();
const IDP = { issuer: saml.ISSUER, certificates: [saml.identity.certificate] };
const CONFIG: Partial<SallyportConfig> = {
  jwt: {
    issuers: [
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: { jwks: { keys: [key.jwk as { kty: string }] } },
        claims: { tenant: "org", roles: [["realm", "roles"]], attributes: { plan: "plan" } },
        requiredClaims: { token_use: "access" },
      },
    ],
  },
  saml: {
    audience: saml.AUDIENCE,
    recipients: saml.RECIPIENT,
    identityProviders: [{ ...IDP, attributes: { tenant: "org", roles: ["groups"], attributes: { mail: "mail" } } }],
  },
  routes: [
    { name: "orders", methods: ["GET"], paths: ["/orders"], roles: { anyOf: ["reader"] } },
    { name: "order", methods: ["POST"], paths: ["/orders"], roles: { anyOf: ["writer"] } },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

const rehearse = (content: unknown, ...argv: string[]) => rehearseWith(CONFIG, content, ...argv);

async function rehearseWith(config: Partial<SallyportConfig>, content: unknown, ...argv: string[]) {
  const file = join(folder, "claims.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  const command = ["explain", "--claims", file, "--time", String(NOW), ...argv];
  const run = (...more: string[]) => inProcess([...command, ...more], { config: async () => configOf(config) });
  const [text, json] = [await run(), await run("--json")];
  return { ...text, explanation: JSON.parse(json.stdout || "{}") as Explanation };
}

const CLAIMS = {
  ...{ sub: "alice", client_id: "web", aud: AUDIENCE, org: "acme", plan: "gold", token_use: "access" },
  realm: { roles: ["reader"] },
};

describe("claims of a token that is bound to its sender", () => {
  const JKT = "A".repeat(43);
  const bound = (senderConstrained?: "dpop" | "mtls" | "any") => ({
    ...CONFIG,
    ...{ dpop: { origins: ["https://api.example.com"], replayTable: "proofs" }, routes: ROUTES },
    jwt: {
      issuers: (CONFIG.jwt?.issuers ?? []).map((entry) => ({
        ...entry,
        ...(senderConstrained && { senderConstrained }),
      })),
    },
  });
  const ROUTES = [
    { name: "bound", methods: ["GET" as const], paths: ["/orders"], senderConstrained: "dpop" as const },
    { name: "mtls", methods: ["GET" as const], paths: ["/mtls"], senderConstrained: "mtls" as const },
  ];
  const outcomeOf = async (cnf: unknown, required?: "dpop" | "mtls" | "any", ...argv: string[]) => {
    const claims = { ...CLAIMS, ...(cnf !== undefined && { cnf }) };
    const rest = ["--issuer", ISSUER, "--path", "/orders", "--cached-by", "none", ...argv];
    return (await rehearseWith(bound(required), claims, ...rest)).explanation;
  };

  test.each<[string, unknown, "dpop" | "mtls" | "any" | undefined]>([
    ["token_confirmation_missing", undefined, "dpop"],
    ["token_confirmation_missing", undefined, "any"],
    ["token_confirmation_missing", { jkt: JKT }, "mtls"],
    ["token_confirmation_unsupported", { jwk: {} }, undefined],
    ["token_confirmation_unsupported", { jkt: "x" }, undefined],
    ["token_confirmation_unsupported", {}, "any"],
    ["token_confirmation_unsupported", null, undefined],
  ])("are refused as a token is, not taken for a bearer's: %s for %j", async (reason, cnf, required) => {
    const { outcome, reason: found, credentials } = await outcomeOf(cnf, required);
    expect([outcome, found]).toEqual(["unauthenticated", reason]);
    expect(credentials[0]?.expectations).not.toEqual([]);
  });

  test("are refused where answers are cached, and where the event has no method", async () => {
    const cached = await outcomeOf({ jkt: JKT }, "dpop", "--cached-by", "authorization");
    expect(cached.reason).toBe("token_confirmation_cached");
    expect((await outcomeOf({ jkt: JKT }, "dpop", "--api", "rest-token")).reason).toBe(
      "token_confirmation_unsupported",
    );
  });

  test("count as confirmed, and say what is not checked", async () => {
    const { outcome, principals, credentials } = await outcomeOf({ jkt: JKT }, "dpop");
    expect([outcome, principals[0]?.confirmation]).toEqual(["allow", ["dpop"]]);
    expect(credentials[0]?.assumed).toEqual({ "DPoP proof": expect.stringMatching(/^not checked: /) });
    const mtls = await outcomeOf({ "x5t#S256": JKT }, "mtls", "--path", "/mtls");
    expect(mtls.outcome).toBe("allow");
    expect(mtls.credentials[0]?.assumed).toEqual({ "client certificate": expect.stringMatching(/^not checked: /) });
  });
});

describe("claims of an application with several tenants", () => {
  const ONE = "2f1d7a80-5c5e-4f4b-9f51-0d6a1c1b7e11";
  const OTHER = "3a1d7a80-5c5e-4f4b-9f51-0d6a1c1b7e22";
  const issuer = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;
  const config = {
    jwt: {
      issuers: [{ preset: "entra-v2" as const, issuer: issuer("{tenantid}"), tenantIds: [ONE], audience: AUDIENCE }],
    },
  };

  test.each([
    [
      "of a tenant that is not listed",
      { iss: issuer(OTHER), tid: OTHER },
      [`iss: ${issuer("{tenantid}")} with "${ONE}" (tenantIds) / "${issuer(OTHER)}"`],
    ],
    [
      "of a listed tenant with another's tid",
      { iss: issuer(ONE), tid: OTHER },
      [`tid: the tenant's id in iss, "${ONE}" / "${OTHER}"`],
    ],
  ])("%s are refused by tenantIds and tid", async (_, given, expected) => {
    const claims = { ...given, aud: AUDIENCE, oid: "alice", ver: "2.0" };
    const { explanation } = await rehearseWith(config, claims);
    expect(explanation.reason).toBe("token_issuer_unknown");
    expect(expectationsIn(explanation)).toEqual(expected);
  });
});

describe("claims of a token", () => {
  test("are checked and mapped as those of a signed one", async () => {
    const { code, explanation } = await rehearse(CLAIMS, "--issuer", ISSUER, "--path", "/orders");
    expect(code).toBe(0);
    const { jwt } = configOf(CONFIG);
    if (!jwt) throw new Error("no section");
    const value = mint(key, { ...CLAIMS, iss: ISSUER, iat: NOW, exp: NOW + 600 });
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    const verdict = await jwtProvider(jwt).verify(credential, requestFor("GET", "/"), new AbortController().signal);
    const { principal } = verdict as Extract<typeof verdict, { principal: unknown }>;
    expect(explanation.principals).toEqual([{ ...principal, hasUsageIdentifierKey: false }]);
  });

  test("have iss, iat and exp filled in where they are absent, which is said", async () => {
    const { stdout, explanation } = await rehearse(CLAIMS, "--issuer", ISSUER, "--path", "/orders");
    expect(explanation.credentials[0]?.filledIn).toEqual({
      iss: `"${ISSUER}"`,
      iat: "2026-03-02T10:00:00Z",
      exp: "2026-03-02T10:10:00Z",
      "alg (header)": '"RS256"',
    });
    expect(stdout).toContain("✓ claims without a signature: jwt: authenticated");
    expect(stdout).toMatch(/filled in +iss +"https:\/\/id\.example\.com"/);
    const given = await rehearse({ ...CLAIMS, iss: ISSUER, iat: NOW - 1, exp: NOW + 1 }, "--path", "/orders");
    expect(given.explanation.credentials[0]?.filledIn).toEqual({ "alg (header)": '"RS256"' });
    expect(given.explanation.principals[0]?.expiresAt).toBe(NOW + 1);
  });

  test("are asked about the method and the path", async () => {
    const { code, explanation } = await rehearse(
      CLAIMS,
      ...["--issuer", ISSUER, "--method", "POST", "--path", "/orders"],
    );
    expect(code).toBe(1);
    expect(explanation).toMatchObject({ reason: "route_not_granted", route: { method: "POST", path: "/orders" } });
    expect(explanation.rules[1]?.obstacles[0]?.text).toBe('needs role "writer"; found "reader"');
  });

  test.each<[string, object, string[]]>([
    [
      "token_audience_mismatch",
      { aud: `${AUDIENCE}/` },
      [`aud: "${AUDIENCE}" / "${AUDIENCE}/" (the configured one has no slash at its end)`],
    ],
    [
      "token_expired",
      { exp: NOW - 60 },
      ["exp: later than 2026-03-02T10:00:00Z, the time of the request / 2026-03-02T09:59:00Z, 60 s earlier"],
    ],
    ["token_claim_invalid", { token_use: undefined }, ['token_use: "access" (requiredClaims) / none']],
    [
      "token_claim_invalid",
      { plan: ["gold"] },
      ['plan (plan): a text of at most 1024 characters, a number, true or false / "gold"'],
    ],
    ["token_malformed", { exp: "soon" }, ["exp: a number of seconds since the epoch / a text"]],
  ])("are refused as the authorizer would: %s", async (reason, change, expected) => {
    const { code, explanation } = await rehearse({ ...CLAIMS, ...change }, "--issuer", ISSUER);
    expect({ code, reason: explanation.reason }).toEqual({ code: 1, reason });
    expect(expectationsIn(explanation)).toEqual(expected);
  });

  test("need no network and no key", async () => {
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    expect((await rehearse(CLAIMS, "--issuer", ISSUER, "--path", "/orders")).code).toBe(0);
    expect(fetch).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  test("may stand wherever the function's cache looks", async () => {
    expect(
      (await rehearse(CLAIMS, ...["--issuer", ISSUER, "--path", "/orders", "--cached-by", "x-api-key"])).code,
    ).toBe(0);
  });
});

describe("attributes of an assertion", () => {
  const ATTRIBUTES = {
    NameID: "alice@example.com",
    groups: ["reader", "b"],
    org: "acme",
    mail: "a<b>&\"'@example.com",
  };

  test("are checked and mapped as those of a signed one", async () => {
    const { code, stdout, explanation } = await rehearse(ATTRIBUTES, "--issuer", saml.ISSUER, "--path", "/orders");
    expect(code).toBe(0);
    const { NameID: subject, ...attributes } = ATTRIBUTES;
    const value = saml.issue({ subject, attributes, lifetime: 600 });
    const credential = { scheme: "saml", value, location: { in: "header", name: "authorization" } } as const;
    const { saml: section } = configOf(CONFIG);
    if (!section) throw new Error("no section");
    const verdict = await samlProvider(section).verify(
      credential,
      requestFor("GET", "/"),
      new AbortController().signal,
    );
    // Attributes alone have no ID, and nobody signed in.
    const { principal } = verdict as Extract<typeof verdict, { principal: object }>;
    const { tokenId: _, authentication: __, ...proven } = { tokenId: "", authentication: {}, ...principal };
    expect(explanation.principals).toEqual([{ ...proven, hasUsageIdentifierKey: false }]);
    expect(stdout).toMatch(/filled in +Issuer +"https:\/\/idp\.example\.com\/metadata"/);
  });

  test.each<[string, object, string]>([
    [
      "assertion_subject_missing",
      { NameID: undefined },
      'NameID: a text of 1 to 256 characters without white space at its edges / none (the assertion has the attributes "groups", "org", "mail")',
    ],
    ["assertion_attribute_invalid", { org: ["a", "b"] }, 'org (tenant): one text of 1 to 256 characters / "a", "b"'],
  ])("are refused as the authorizer would: %s", async (reason, change, expected) => {
    const { explanation } = await rehearse({ ...ATTRIBUTES, ...change }, "--issuer", saml.ISSUER);
    expect(explanation.reason).toBe(reason);
    expect(expectationsIn(explanation)).toEqual([expected]);
  });
});

describe("exits with 2 for", () => {
  test.each<[string, unknown, string[], string]>([
    [
      "an issuer that is not configured",
      CLAIMS,
      ["--issuer", `${ISSUER}/`],
      "the configured one has no slash at its end",
    ],
    ["no issuer", CLAIMS, [], "Name the issuer: --issuer, or iss in the claims."],
    ["two issuers", { ...CLAIMS, iss: "https://b.example.com" }, ["--issuer", ISSUER], "https://b.example.com"],
    ["a list", [CLAIMS], ["--issuer", ISSUER], "not an object"],
    ["duplicate claims", '{"a":1,"a":2}', ["--issuer", ISSUER], "a duplicate member"],
    ["an attribute that is a number", { NameID: "a", groups: [7] }, ["--issuer", saml.ISSUER], '"groups"'],
    ["a path without a slash", CLAIMS, ["--issuer", ISSUER, "--path", "orders"], "--path begins with a slash"],
    ["a method that there is not", CLAIMS, ["--issuer", ISSUER, "--method", "get"], "--method takes one of"],
    [
      "claims and a curl command",
      CLAIMS,
      ["--issuer", ISSUER, "--curl", "curl http://h/"],
      "Give one event, --curl, or --claims.",
    ],
  ])("%s", async (_, content, argv, message) => {
    const { code, stdout, stderr } = await rehearse(content, ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("--issuer without --claims", async () => {
    const { code, stderr } = await inProcess(["explain", "--curl", "curl http://h/", "--issuer", ISSUER]);
    expect(code).toBe(2);
    expect(stderr).toContain("belong to --claims");
  });

  test("an issuer that looks like a secret, which is not repeated", async () => {
    const secret = "sk_live_9aB8cD7eF6gH5iJ4kL3mN2oP1qR0";
    const { stderr } = await rehearse(CLAIMS, "--issuer", secret);
    expect(stderr).not.toContain(secret);
  });
});
