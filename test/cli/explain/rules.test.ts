import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainRules, obstaclesOf } from "../../../cli/explain/rules/explain-rules.ts";
import type { Config, SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { grantsFor } from "../../../shared/domain/policy/grants.ts";
import { matchedRules } from "../../../shared/domain/policy/matched-rules.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { callerOf, client, configOf, NOW, requestFor, user } from "../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

const rule = (more: Partial<Rule>): Rule => ({ name: "r", methods: ["GET"], paths: ["/r"], ...more });

const CREDENTIALS: Partial<SallyportConfig> = {
  jwt: {
    issuers: ["https://id.example.com", "https://other.example.com"].map((issuer) => ({
      ...{ issuer, audience: "a", claims: { attributes: { region: "region" } } },
    })),
  },
  apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] },
};

function reasons(more: Partial<Rule>, principals: readonly Principal[], merge: Partial<Config["merge"]> = {}) {
  const config = configOf({ ...CREDENTIALS, routes: [rule(more)], merge });
  const [made] = config.routes;
  if (!made) throw new Error("no rule");
  return obstaclesOf(made, principals, config.merge).map(({ principal, text }) =>
    principal === undefined ? text : `${principal}: ${text}`,
  );
}

describe("a rule that does not apply says why:", () => {
  test.each<[string, Partial<Rule>, string]>([
    ["a role", { roles: { anyOf: ["admin"] } }, 'needs role "admin"; the caller has none'],
    [
      "one of several roles",
      { roles: { anyOf: ["admin", "owner"] } },
      'needs role "admin" or "owner"; the caller has none',
    ],
    ["all of several scopes", { scopes: { allOf: ["a", "b", "c"] } }, 'needs scopes "a", "b" and "c"; found "a"'],
    ["a kind", { kind: "client" }, 'is for the kind client; found "user"'],
    [
      "a bound credential",
      { senderConstrained: "any" },
      "needs a credential whose sender is confirmed by a client certificate or DPoP; the caller has none",
    ],
    ["a tenant", { tenants: ["beta"] }, 'is for tenant "beta"; found "acme"'],
    [
      "an issuer",
      { issuers: ["https://other.example.com"] },
      'is for issuer "https://other.example.com"; found "https://id.example.com"',
    ],
    ["a credential", { credentials: { anyOf: ["api-key"] } }, 'needs credential "api-key"; found "jwt"'],
    [
      "a placeholder without a value",
      { paths: ["/{attributes.region}"] },
      "/{attributes.region}: {attributes.region} has no value",
    ],
    ["a placeholder for clients", { paths: ["/c/{client}"] }, "/c/{client}: {client} has no value: this is no client"],
    [
      "an attribute by pattern",
      { attributes: { region: ["eu-*", "ch"] } },
      'needs attribute region like "eu-*" or "ch"; the caller has none',
    ],
    [
      "a sign-in with a method, of late",
      { authentication: { methods: { anyOf: ["mfa"] }, maxAge: 900 } },
      'needs a sign-in with method "mfa" at most 900 s ago; the caller has none',
    ],
  ])("%s", (_, more, expected) => {
    expect(reasons(more, [user({ tenant: "acme", scopes: ["a"] })])).toEqual([expected]);
  });

  test("an attribute of another value, whose pattern is for the whole of it", () => {
    expect(reasons({ attributes: { region: "eu-*" } }, [user({ attributes: { region: "us-eu-1" } })])).toEqual([
      'needs attribute region like "eu-*"; found "us-eu-1"',
    ]);
  });

  test("a sign-in that is not enough, with what the credential says of it", () => {
    const authentication = { contextClass: "urn:low", methods: ["pwd"], time: NOW - 60 };
    const [said, ...others] = reasons({ authentication: { contexts: ["urn:high"], maxAge: 900 } }, [
      user({ authentication }),
    ]);
    expect(others).toEqual([]);
    expect(said).toMatch(/^needs a sign-in with context "urn:high" at most 900 s ago; found "context urn:low"/);
    expect(said).toContain('"method pwd"');
    expect(said).toContain("2026-03-02T09:59:00Z");
  });

  test("a value that is no segment of a path", () => {
    expect(reasons({ paths: ["/u/{subject}"] }, [user({ subject: "a/b" })])).toEqual([
      "/u/{subject}: {subject} has a value that is no plain segment of a path",
    ]);
  });

  test("names that look like a key, as identity providers make them for tenants and groups", () => {
    expect(reasons({ tenants: ["org_9ybsU1dN2dKfDkBi"] }, [user({ tenant: "org_8ybsU1dN2dKfDkBj" })])).toEqual([
      'is for tenant "org_9ybsU1dN2dKfDkBi"; found "org_8ybsU1dN2dKfDkBj"',
    ]);
  });

  test("everything that is missing, and not only the first", () => {
    expect(reasons({ roles: { anyOf: ["admin"] }, kind: "client" }, [user()])).toHaveLength(2);
  });
});

describe("of several credentials", () => {
  const alice = user({ scopes: ["a"], roles: ["admin"] });

  test("each says what it lacks, where none meets the rule alone", () => {
    const rules = { roles: { anyOf: ["admin"] }, kind: "client" as const };
    expect(reasons(rules, [alice, client()])).toEqual([
      'jwt "alice": is for the kind client; found "user"',
      'api-key "partner": needs role "admin"; the caller has none',
    ]);
  });

  test("one that narrows says what it states", () => {
    expect(reasons({ scopes: { anyOf: ["a"] } }, [alice, client({ scopes: ["b"] })])).toEqual([
      'api-key "partner": narrows: the rule needs scope "a"; it states only "b"',
    ]);
    expect(reasons({ roles: { anyOf: ["admin"] } }, [alice, client({ roles: ["batch"] })])).toEqual([
      'api-key "partner": narrows: the rule needs role "admin"; it states only "batch"',
    ]);
  });

  test("scopes do not narrow where they are united", () => {
    const both = [alice, client({ scopes: ["b"] })];
    expect(reasons({ scopes: { allOf: ["a", "b"] } }, both, { scopes: "union" })).toEqual([]);
  });

  test("those that a rule names together meet it together", () => {
    const together = {
      credentials: { allOf: ["api-key", "jwt"] },
      roles: { anyOf: ["admin"] },
      kind: "client" as const,
    };
    expect(reasons(together, [alice, client()])).toEqual([]);
    expect(reasons(together, [user({ provider: "saml", roles: ["admin"] })])).toEqual([
      'needs credentials "api-key" and "jwt"; found "saml"',
      'is for the kind client; found "user"',
    ]);
    expect(reasons(together, [alice])).toContain('needs credentials "api-key" and "jwt"; found "jwt"');
  });
});

test.each([
  [{ stage: "prod" }, { applies: true, obstacles: [] }],
  [
    { stage: "beta" },
    { applies: false, obstacles: [{ option: "stages", text: 'is for stage "prod"; the request is for "beta"' }] },
  ],
])("a rule of one stage, for a request to %o", (target, expected) => {
  const config = configOf({ ...CREDENTIALS, routes: [rule({ stages: ["prod"] })] });
  const { resource } = requestFor("GET", "/r");
  const request = requestFor("GET", "/r", { resource: { ...resource, ...target } });
  const { principals } = callerOf();
  const grants = grantsFor(callerOf(), config, { start: NOW, end: NOW + 60 }, target.stage);
  expect(explainRules(principals, config, grants, request)[0]).toMatchObject(expected);
});

test("a rule of one stage is for no AppSync API, which has none", () => {
  const config = configOf({ ...CREDENTIALS, routes: [rule({ stages: ["prod"] })] });
  const request = { ...requestFor("GET", "/r"), resource: { graphqlApi: "api" } };
  const { principals } = callerOf();
  expect(explainRules(principals, config, [], request as never)[0]).toMatchObject({
    obstacles: [{ option: "stages", text: 'is for stage "prod"; an AppSync API has none' }],
  });
});

describe("a rule of VPC endpoints", () => {
  const holdsFor = ["vpce-0123456789abcdef0"];
  test.each([
    ["the endpoint", "vpce-0123456789abcdef0", { holdsFor, caller: "vpce-0123456789abcdef0", isWithin: true }],
    ["another one", "vpce-0fedcba9876543210", { holdsFor, caller: "vpce-0fedcba9876543210", isWithin: false }],
    ["the internet", undefined, { holdsFor, isWithin: false }],
  ])("says whether it counts for a request through %s", (_, endpoint, expected) => {
    const config = configOf({ ...CREDENTIALS, routes: [rule({ vpcEndpoints: holdsFor })] });
    const source = {
      address: "10.0.0.7",
      viaVpcEndpoint: endpoint !== undefined,
      ...(endpoint !== undefined && { vpcEndpoint: endpoint }),
    };
    const grants = grantsFor(callerOf(), config, { start: NOW, end: NOW + 60 });
    const [explained] = explainRules(callerOf().principals, config, grants, requestFor("GET", "/r", { source }));
    expect(explained?.vpcEndpoints).toEqual(expected);
  });
});

describe("a rule that applies", () => {
  function explained(more: Partial<Rule>, time = NOW) {
    const config = configOf({ ...CREDENTIALS, routes: [rule(more)] });
    const caller = callerOf({ subject: "alice" });
    const request = requestFor("GET", "/r", { time });
    const grants = grantsFor(caller, config, { start: time, end: time + 60 });
    return explainRules(caller.principals, config, grants, request)[0];
  }

  test("says whether it is for the requested route", () => {
    expect(explained({})).toMatchObject({ applies: true, forRoute: true, routes: ["GET /r"] });
    expect(explained({ methods: "ANY" })).toMatchObject({ forRoute: true, routes: ["ANY /r"] });
    expect(explained({ paths: ["/u/{subject}"] })).toMatchObject({ forRoute: false, routes: ["GET /u/alice"] });
  });

  test("says which of its paths are left out for want of a value", () => {
    expect(explained({ paths: ["/r", "/{attributes.region}"] })).toMatchObject({
      applies: true,
      obstacles: [{ option: "paths", text: "/{attributes.region}: {attributes.region} has no value" }],
    });
  });

  test.each<[string, NonNullable<Rule["windows"]>[number], object]>([
    ["is closed until a window opens", { from: "18:00", until: "20:00" }, { open: false, opensAt: NOW + 8 * 3600 }],
    [
      "is closed until a later day",
      { days: ["sun"], from: "00:00", until: "24:00" },
      { open: false, opensAt: NOW + 6 * 86_400 - 36_000 },
    ],
    ["is closed for good", { notAfter: "2026-03-02T10:00:00Z" }, { open: false }],
    [
      "is closed until an instant in years",
      { notBefore: "2030-01-01T00:00:00Z" },
      { open: false, opensAt: 1_893_456_000 },
    ],
    ["is open until a window closes", { from: "08:00", until: "12:00" }, { open: true, closesAt: NOW + 7200 }],
    ["is open without an end", { notBefore: "2026-01-01T00:00:00Z" }, { open: true }],
  ])("%s", (_, window, opening) => {
    expect(explained({ windows: [window] })?.opening).toEqual(opening);
  });

  test("is for fields where the request is of AppSync, and then for no address", () => {
    const config = configOf({
      appSync: { fields: ["Query.a"] },
      routes: [
        { name: "fields", fields: ["Query.a"] },
        rule({ name: "paths" }),
        { name: "office", fields: ["Query.a"], addresses: ["192.0.2.0/24"] },
        { name: "not-office", effect: "deny", fields: ["Query.a"], addresses: ["192.0.2.0/24"] },
      ],
    });
    const { principals, ...facts } = callerOf();
    const grants = grantsFor({ ...facts, principals }, config, { start: NOW, end: NOW + 60 });
    const request = { ...requestFor("GET", "/"), resource: { graphqlApi: "x" }, source: { viaVpcEndpoint: false } };
    const rules = explainRules(principals, config, grants, request);
    expect(rules.map(({ forRoute }) => forRoute)).toEqual([true, false, true, true]);
    expect(rules.map(({ addresses }) => addresses?.isWithin)).toEqual([undefined, undefined, false, undefined]);
  });

  test("says for which addresses it holds, and where the caller is", () => {
    expect(explained({ addresses: ["192.0.2.0/24"] })?.addresses).toEqual({
      holdsFor: ["192.0.2.0/24"],
      caller: "203.0.113.7",
      isWithin: false,
    });
  });
});

describe("the reasons and the decision", () => {
  const some = (names: readonly string[]) => fc.subarray([...names], { minLength: 1 });
  const requirement = (names: readonly string[]) =>
    fc.oneof(
      some(names).map((anyOf) => ({ anyOf })),
      some(names).map((allOf) => ({ allOf })),
    );
  const PROVIDERS = ["jwt", "saml", "api-key"];
  const ISSUERS = ["https://id.example.com", "https://other.example.com", "api-keys:live"];
  const PATHS = ["/a", "/t/{tenant}", "/u/{subject}", "/c/{client}", "/d/{attributes.region}", "/t/{tenant}/{client}"];

  const anyRule = fc.record(
    {
      effect: fc.constantFrom("allow" as const, "deny" as const),
      paths: some(PATHS),
      credentials: requirement(PROVIDERS),
      issuers: some(ISSUERS),
      kind: fc.constantFrom("user" as const, "client" as const),
      senderConstrained: fc.constantFrom("any" as const, "mtls" as const, "dpop" as const),
      tenants: some(["acme", "beta"]),
      roles: requirement(["r1", "r2"]),
      scopes: requirement(["s1", "s2"]),
      webSocket: fc.constant(true as const),
    },
    { requiredKeys: ["effect", "paths"] },
  );
  const anyPrincipal = fc.record(
    {
      provider: fc.constantFrom(...PROVIDERS),
      subject: fc.constantFrom("alice", "bob", "a/b"),
      kind: fc.constantFrom("user" as const, "client" as const, "unknown" as const),
      issuer: fc.constantFrom(...ISSUERS),
      tenant: fc.constantFrom("acme", "beta", "a/b"),
      confirmation: fc.subarray(["mtls" as const, "dpop" as const]),
      scopes: fc.subarray(["s1", "s2"]),
      roles: fc.subarray(["r1", "r2"]),
      attributes: fc.constantFrom<Principal["attributes"]>({}, { region: "eu" }, { region: "e u" }),
    },
    { requiredKeys: ["provider", "subject", "kind", "issuer", "scopes", "roles", "attributes"] },
  );

  test("agree for every rule and every caller: a rule applies exactly if nothing stands in its way", () => {
    const seen = { applies: 0, not: 0 };
    fc.assert(
      fc.property(
        anyRule,
        fc.array(anyPrincipal, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("union" as const, "intersection" as const),
        (more, principals, scopes) => {
          const made = { name: "r", methods: ["GET" as const], ...more };
          const merge = { scopes };
          const applies = matchedRules(principals, { routes: [made], merge }).length > 0;
          const obstacles = obstaclesOf(made, principals, merge);
          seen[applies ? "applies" : "not"] += 1;
          // A path for which a value is missing is no obstacle to the others.
          const isOpened = made.webSocket || new Set(pathsOf(obstacles)).size < made.paths.length;
          const stands = obstacles.some(({ option }) => option !== "paths") || !isOpened;
          expect({ obstacles, applies }).toEqual({ obstacles, applies: !stands });
        },
      ),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.applies, seen.not)).toBeGreaterThan(150);
  });

  const pathsOf = (obstacles: ReturnType<typeof obstaclesOf>) =>
    obstacles.flatMap(({ option, text }) => (option === "paths" ? text.split(": ")[0] : []));
});
