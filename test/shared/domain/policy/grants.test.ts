import { describe, expect, test } from "vitest";
import type { MergeConfig, SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { fillDeniedPath } from "../../../../shared/domain/policy/fill-path.ts";
import { boundAddresses, grantsFor } from "../../../../shared/domain/policy/grants.ts";
import type { Principal } from "../../../../shared/domain/principal/principal.ts";
import type { RequestSource } from "../../../../shared/domain/request/authorization-request.ts";
import { callerOf, client, configOf, NOW, user } from "../../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

const PERIOD = { start: NOW, end: NOW + 3600 };

function grants(rule: Partial<Rule>, caller = callerOf(), merge: Partial<MergeConfig> = {}) {
  const { routes, merge: defaults } = configOf({
    routes: [{ name: "rule", methods: ["GET"], paths: ["/a"], ...rule }],
  });
  return grantsFor(caller, { routes, merge: { ...defaults, ...merge } }, PERIOD);
}

const applies = (rule: Partial<Rule>, ...principals: Principal[]) =>
  grants(rule, callerOf({ principals })).length === 1;

const pathsOf = (rule: Partial<Rule>, ...principals: Principal[]) =>
  grants(rule, callerOf({ principals })).flatMap(({ routes }) => routes.map(({ path }) => path));

describe("an allowing rule applies", () => {
  test.each<[string, Partial<Rule>, Principal[], boolean]>([
    ["to everyone if it asks for nothing", {}, [user()], true],
    ["with one of the providers", { credentials: { anyOf: ["saml", "jwt"] } }, [user()], true],
    ["not with another provider", { credentials: { anyOf: ["saml"] } }, [user()], false],
    ["with all scopes", { scopes: { allOf: ["a", "b"] } }, [user({ scopes: ["b", "a"] })], true],
    ["not with some of the scopes", { scopes: { allOf: ["a", "b"] } }, [user({ scopes: ["a"] })], false],
    ["with any of the scopes", { scopes: { anyOf: ["a", "b"] } }, [user({ scopes: ["b"] })], true],
    ["with a role", { roles: { anyOf: ["admin"] } }, [user({ roles: ["admin"] })], true],
    ["not with the role in another case", { roles: { anyOf: ["admin"] } }, [user({ roles: ["Admin"] })], false],
    ["to one of the tenants", { tenants: ["acme"] }, [user({ tenant: "acme" })], true],
    ["to each of several tenants", { tenants: ["globex", "acme", "initech"] }, [user({ tenant: "acme" })], true],
    ["not to another tenant", { tenants: ["globex"] }, [user({ tenant: "acme" })], false],
    ["not without a tenant, where tenants are named", { tenants: ["acme"] }, [user()], false],
    ["to clients where it asks for clients", { kind: "client" }, [client()], true],
    ["not to clients where it asks for users", { kind: "user" }, [client()], false],
    [
      "not to a principal of unknown kind where it asks for a kind",
      { kind: "user" },
      [user({ kind: "unknown" })],
      false,
    ],
    ["to callers of an issuer", { issuers: ["https://id.example.com"] }, [user()], true],
    ["not to callers of another issuer", { issuers: ["https://other.example.com"] }, [user()], false],
  ])("%s", (_what, rule, principals, expected) => {
    expect(applies(rule, ...principals)).toBe(expected);
  });
});

describe("an allowing rule and several principals", () => {
  test("is not opened by a role of the one and the tenant of the other", () => {
    const rule: Partial<Rule> = { paths: ["/tenants/{tenant}/admin"], roles: { anyOf: ["admin"] } };
    expect(pathsOf(rule, user({ roles: ["admin"] }), client({ tenant: "acme" }))).toEqual([]);
    expect(pathsOf(rule, user({ roles: ["admin"], tenant: "acme" }), client())).toEqual(["/tenants/acme/admin"]);
  });

  test("is not opened by a role that another issuer gave", () => {
    const rule: Partial<Rule> = { issuers: ["https://j.example.com"], roles: { anyOf: ["admin"] } };
    const ofJ = user({ issuer: "https://j.example.com" });
    expect(applies(rule, ofJ, client({ roles: ["admin"] }))).toBe(false);
    expect(applies(rule, user({ ...ofJ, roles: ["admin"] }), client())).toBe(true);
  });

  test("is not opened by allOf pieced together from two lists", () => {
    const rule: Partial<Rule> = { roles: { allOf: ["a", "b"] } };
    expect(applies(rule, user({ roles: ["a"] }), client({ roles: ["b"] }))).toBe(false);
  });

  test("is narrowed by the scopes and the roles that the other states, not by those it does not state", () => {
    const rule: Partial<Rule> = { scopes: { allOf: ["write"] }, roles: { anyOf: ["admin"] } };
    const admin = user({ scopes: ["read", "write"], roles: ["admin"] });
    expect(applies(rule, admin, client())).toBe(true);
    expect(applies(rule, admin, client({ scopes: ["read"] }))).toBe(false);
    expect(applies(rule, admin, client({ roles: ["reader"] }))).toBe(false);
    expect(applies(rule, admin, client({ scopes: ["write"], roles: ["admin", "reader"] }))).toBe(true);
    expect(applies({}, admin, client({ scopes: ["read"] }))).toBe(true);
  });

  test("is filled by each principal that meets it alone", () => {
    expect(pathsOf({ paths: ["/users/{subject}"] }, user(), client())).toEqual(["/users/alice", "/users/partner"]);
    expect(pathsOf({ paths: ["/users/{subject}"], kind: "user" }, user(), client())).toEqual(["/users/alice"]);
  });

  test("takes {client} from the client alone, which must then meet the rule itself", () => {
    const rule: Partial<Rule> = { paths: ["/clients/{client}"], roles: { anyOf: ["admin"] } };
    expect(pathsOf(rule, user({ roles: ["admin"] }), client())).toEqual([]);
    expect(pathsOf(rule, user(), client({ roles: ["admin"] }))).toEqual(["/clients/partner"]);
  });

  test("compares scopes with those of all principals where the configuration says union, and nothing else", () => {
    const caller = callerOf({ principals: [user({ scopes: ["a"] }), client({ scopes: ["b"], roles: ["admin"] })] });
    const union = { scopes: "union" as const };
    expect(grants({ scopes: { allOf: ["a", "b"] } }, caller, union)).toHaveLength(1);
    expect(grants({ scopes: { allOf: ["a", "b"] }, roles: { anyOf: ["admin"] }, kind: "user" }, caller, union)).toEqual(
      [],
    );
  });
});

describe("an allowing rule that names several credentials", () => {
  const both: Partial<Rule> = { credentials: { allOf: ["api-key", "jwt"] } };

  test("applies with all of them, and not with one", () => {
    expect(applies(both, client(), user())).toBe(true);
    expect(applies(both, user())).toBe(false);
    expect(applies(both, client())).toBe(false);
  });

  test("combines them: each requirement is met by one of them", () => {
    const rule: Partial<Rule> = {
      ...both,
      paths: ["/{tenant}/{client}/{subject}"],
      roles: { anyOf: ["admin"] },
      kind: "user",
    };
    expect(pathsOf(rule, client({ tenant: "acme" }), user({ roles: ["admin"] }))).toEqual(["/acme/partner/alice"]);
  });

  test("is narrowed by what each of them states", () => {
    const rule: Partial<Rule> = { ...both, scopes: { allOf: ["write"] } };
    expect(applies(rule, client({ scopes: ["write"] }), user({ scopes: ["read"] }))).toBe(false);
    expect(applies(rule, client({ scopes: ["write"] }), user())).toBe(true);
  });

  test("is not met by a principal whose credential it does not name", () => {
    const third = user({ provider: "saml", roles: ["admin"] });
    expect(applies({ ...both, roles: { anyOf: ["admin"] } }, client(), user(), third)).toBe(false);
  });

  test("one credential named twice is one", () => {
    const rule: Partial<Rule> = {
      credentials: { allOf: ["jwt", "jwt"] },
      roles: { anyOf: ["admin"] },
      tenants: ["acme"],
    };
    expect(applies(rule, user({ roles: ["admin"] }), user({ tenant: "acme", subject: "bob" }))).toBe(false);
  });
});

describe("a denying rule applies", () => {
  const deny: Partial<Rule> = { effect: "deny" };

  test("if each requirement is met by some principal", () => {
    const rule: Partial<Rule> = { ...deny, roles: { anyOf: ["admin"] }, tenants: ["acme"] };
    expect(applies(rule, user({ roles: ["admin"] }), client({ tenant: "acme" }))).toBe(true);
    expect(applies(rule, user({ roles: ["admin"] }), client({ tenant: "globex" }))).toBe(false);
  });

  test("to the callers of each issuer that it names, in a short configuration and in a long one", () => {
    const issuers = ["https://i.example.com", "https://j.example.com"];
    const others = Array.from({ length: 40 }, (_, index) => ({
      name: `other-${index}`,
      methods: ["GET"],
      paths: ["/b"],
    }));
    for (const more of [[], others]) {
      const { routes, merge } = configOf({
        routes: [{ name: "rule", effect: "deny", methods: ["GET"], paths: ["/a"], issuers }, ...more] as Rule[],
      });
      for (const issuer of issuers) {
        const found = grantsFor(callerOf({ principals: [user({ issuer })] }), { routes, merge }, PERIOD);
        expect(found.map(({ rule }) => rule)).toContain("rule");
      }
    }
  });

  test("to a principal of unknown kind, whichever kind it asks for", () => {
    expect(applies({ ...deny, kind: "user" }, user({ kind: "unknown" }))).toBe(true);
    expect(applies({ ...deny, kind: "client" }, user({ kind: "unknown" }))).toBe(true);
    expect(applies({ ...deny, kind: "client" }, user())).toBe(false);
  });

  test("whatever another principal states: lists do not narrow a denial", () => {
    expect(
      applies({ ...deny, roles: { anyOf: ["admin"] } }, user({ roles: ["admin"] }), client({ roles: ["x"] })),
    ).toBe(true);
  });

  test("to the values of every principal, and to all values where one cannot be read", () => {
    expect(pathsOf({ ...deny, paths: ["/users/{subject}/x"] }, user(), client())).toEqual([
      "/users/alice/x",
      "/users/partner/x",
    ]);
    expect(pathsOf({ ...deny, paths: ["/users/{subject}/x"] }, user({ subject: "a/b" }), client())).toEqual([
      "/users/*/x",
    ]);
    const acme = { tenant: "acme" };
    expect(pathsOf({ ...deny, paths: ["/t/{tenant}/x"] }, user(acme), client(acme))).toEqual(["/t/acme/x"]);
    expect(pathsOf({ ...deny, paths: ["/t/{tenant}/x"] }, user(), client(acme))).toEqual(["/t/*/x"]);
    expect(pathsOf({ ...deny, paths: ["/t/{tenant}/x"] }, user(), client())).toEqual(["/t/*/x"]);
  });
});

describe("a path", () => {
  test("is filled from the principal, one whole segment each", () => {
    const partner = client({ tenant: "acme", attributes: { region: "eu" } });
    expect(pathsOf({ paths: ["/{tenant}/{subject}/{client}/{attributes.region}/*"] }, partner)).toEqual([
      "/acme/partner/partner/eu/*",
    ]);
  });

  test.each([
    "a*b",
    "*",
    "a?",
    "a/b",
    "..",
    ".",
    ".hidden",
    "alice.",
    "a..b",
    "ab..c",
    "..;x",
    "alice;v=1",
    "",
    "$" + "{aws:username}",
    "a b",
    "ä",
    "a%2Fb",
    "x".repeat(129),
    "a\n",
  ])("allows nothing where the value would be %j, and is denied for every value", (tenant) => {
    expect(grants({ paths: ["/{tenant}/a"] }, callerOf({ tenant }))).toEqual([]);
    expect(pathsOf({ paths: ["/{tenant}/a"], effect: "deny" }, user({ tenant }))).toEqual(["/*/a"]);
  });

  test("allows nothing where the principal has no such value", () => {
    expect(pathsOf({ paths: ["/{tenant}/a"] }, user())).toEqual([]);
    expect(pathsOf({ paths: ["/{client}/a"] }, user())).toEqual([]);
    expect(pathsOf({ paths: ["/{attributes.toString}/a"] }, user())).toEqual([]);
  });

  test("is denied for the values beside paths that have no placeholder", () => {
    expect(pathsOf({ effect: "deny", paths: ["/{subject}/a", "/b"] }, user())).toEqual(["/alice/a", "/b"]);
  });

  test("of a denial is named for 64 combinations of values, and for more stands for every value", () => {
    const values = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
    const withValues = (value: string) => ({
      attributes: Object.fromEntries(values(7).map((name) => [name, `${value}-${name}`])),
    });
    const paths = (count: number) => [
      `/{tenant}/${values(count)
        .map((name) => `{attributes.${name}}`)
        .join("/")}`,
    ];
    const principals = [
      user({ ...withValues("one"), tenant: "acme" }),
      client({ ...withValues("two"), tenant: "acme" }),
    ] as const;
    const named = fillDeniedPath(paths(6)[0] ?? "", principals);
    expect(named).toHaveLength(64);
    expect(named).toContain("/acme/one-v0/two-v1/one-v2/two-v3/one-v4/two-v5");
    expect(fillDeniedPath(paths(7)[0] ?? "", principals)).toEqual(["/acme/*/*/*/*/*/*/*"]);
  });

  test("keeps the paths that can be filled", () => {
    expect(pathsOf({ paths: ["/{client}", "/b"] }, user())).toEqual(["/b"]);
  });
});

describe("methods", () => {
  test("ANY is every method by name, because a wildcard would cross the slash behind it", () => {
    const methods = grants({ methods: "ANY" })[0]?.routes.map(({ method }) => method);
    expect(methods).toEqual(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
  });

  test("of a rule for GET on every path are GET alone", () => {
    expect(grants({ methods: ["GET"], paths: ["/*"] })[0]?.routes).toEqual([{ method: "GET", path: "/*" }]);
  });

  test("ANY below a folder is no wildcard, because a wildcard would cross the slash behind it", () => {
    const routes = grants({ methods: "ANY", paths: ["/orders/*"] })[0]?.routes ?? [];
    expect(routes.map(({ method }) => method)).not.toContain("*");
  });

  test("ANY on every path is one wildcard", () => {
    expect(grants({ methods: "ANY", paths: ["/*"] })[0]?.routes).toMatchObject([{ method: "*", path: "/*" }]);
  });
});

describe("a denial of ANY", () => {
  test("is told from one of methods by name, which a wildcard for every method does not widen", () => {
    const everything: Rule = { name: "all", methods: "ANY", paths: ["/*"] };
    const denied = (methods: Rule["methods"]) => {
      const { routes, merge } = configOf({
        routes: [everything, { name: "no", effect: "deny", methods, paths: ["/x"] } as Rule],
      });
      const [, grant] = grantsFor(callerOf(), { routes, merge }, PERIOD);
      return grant?.routes.filter(({ path }) => path === "/x").map(({ method }) => method);
    };
    expect(denied(["GET"])).toEqual(["GET"]);
    expect(new Set(denied("ANY"))).toEqual(new Set(["*"]));
  });
});

describe("rules of other kinds of API", () => {
  test("have the WebSocket's one route, or fields, and no path", () => {
    expect(grants({ methods: undefined, paths: undefined, webSocket: true } as Partial<Rule>)[0]?.routes).toEqual([
      { method: "$connect", path: "" },
    ]);
    expect(
      grants({ methods: undefined, paths: undefined, webSocket: true, effect: "deny" } as Partial<Rule>)[0]?.routes,
    ).toEqual([{ method: "$connect", path: "" }]);
    const { routes, merge } = configOf({
      appSync: { fields: ["Query.a"] },
      routes: [{ name: "rule", fields: ["Query.a"] }] as Rule[],
    });
    expect(grantsFor(callerOf(), { routes, merge }, PERIOD)).toMatchObject([{ routes: [], fields: ["Query.a"] }]);
  });

  test("have no fields where the rule has none", () => {
    expect(grants({})[0]).not.toHaveProperty("fields");
  });
});

describe("callers of one configuration", () => {
  const config = configOf({
    routes: [
      { name: "own", methods: ["GET"], paths: ["/{tenant}/{subject}", "/{client}"] },
      { name: "admin", methods: ["GET"], paths: ["/admin"], roles: { anyOf: ["admin"] } },
      { name: "office", methods: ["GET"], paths: ["/office"], windows: [{ from: "10:00", until: "11:00" }] },
    ],
  });
  const found = (principals: readonly Principal[], start = NOW) =>
    grantsFor(callerOf({ principals }), config, { start, end: start + 600 });
  const acme = user({ tenant: "acme" });

  test("with the same rules and values share one list, so that what is made of it can be kept", () => {
    expect(found([acme])).toBe(found([user({ tenant: "acme" })]));
    expect(found([acme])).toBe(found([acme]));
  });

  test("with other values, other rules or at another time do not", () => {
    const pathsAt = (principals: readonly Principal[], start?: number) =>
      found(principals, start).flatMap(({ routes, intervals }) => (intervals ? [] : routes.map(({ path }) => path)));
    expect(pathsAt([acme])).toEqual(["/acme/alice", "/office"]);
    expect(pathsAt([user({ tenant: "globex" })])).toEqual(["/globex/alice", "/office"]);
    expect(pathsAt([user({ tenant: "acme", roles: ["admin"] })])).toEqual(["/acme/alice", "/admin", "/office"]);
    expect(pathsAt([acme], NOW - 7200)).toEqual(["/acme/alice"]);
  });

  test("do not share what looks the same without the space between two paths", () => {
    const { routes, merge } = configOf({
      jwt: {
        issuers: [
          {
            issuer: "https://id.example.com",
            audience: "https://api.example.com",
            claims: { attributes: { x: "x", y: "y", z: "z" } },
          },
        ],
      },
      routes: [
        { name: "rule", methods: ["GET"], paths: ["/{tenant}/{attributes.x}", "/{attributes.y}", "/{attributes.z}"] },
      ],
    });
    const pathsFor = (overrides: Partial<Principal>) =>
      grantsFor(callerOf({ principals: [user(overrides)] }), { routes, merge }, PERIOD).flatMap((grant) =>
        grant.routes.map(({ path }) => path),
      );
    expect(pathsFor({ tenant: "a", attributes: { x: "b" } })).toEqual(["/a/b"]);
    expect(pathsFor({ attributes: { y: "a", z: "b" } })).toEqual(["/a", "/b"]);
  });

  test("may do other things alone than beside another credential", () => {
    const admin = user({ tenant: "acme", roles: ["admin"] });
    const rulesOf = (...principals: Principal[]) => found(principals).map(({ rule }) => rule);
    expect(rulesOf(admin)).toContain("admin");
    expect(rulesOf(admin, client({ roles: ["reader"] }))).not.toContain("admin");
    expect(rulesOf(admin)).toContain("admin");
  });

  test("have no interval in a rule whose window is open for the whole period", () => {
    expect(found([acme]).map(({ intervals }) => intervals)).toEqual([undefined, undefined]);
    expect(found([acme], NOW - 300)[1]?.intervals).toEqual([{ start: NOW, end: NOW + 300 }]);
    expect(found([acme], NOW + 3000)[1]?.intervals).toBeUndefined();
    expect(found([acme], NOW + 3100)[1]?.intervals).toEqual([{ start: NOW + 3100, end: NOW + 3600 }]);
  });
});

describe("a denial by scopes", () => {
  test("adds up the scopes of all principals where the configuration says union, and only there", () => {
    const caller = callerOf({ principals: [user({ scopes: ["a"] }), client({ scopes: ["b"] })] });
    const rule: Partial<Rule> = { effect: "deny", scopes: { allOf: ["a", "b"] } };
    expect(grants(rule, caller, { scopes: "union" })).toHaveLength(1);
    expect(grants(rule, caller, { scopes: "intersection" })).toEqual([]);
  });
});

describe("the addresses of a policy", () => {
  const here = { address: "203.0.113.7", viaVpcEndpoint: false };
  const nowhere = { viaVpcEndpoint: false };
  const limited = callerOf({ addresses: ["203.0.113.0/24"] });

  test.each<[string, ReturnType<typeof callerOf>, RequestSource, boolean, readonly string[] | undefined]>([
    ["are the caller's own where binding is on", callerOf(), here, true, ["203.0.113.7/32"]],
    ["are any where binding is off", callerOf(), here, false, undefined],
    ["are any where nobody tells the address", callerOf(), nowhere, true, undefined],
    ["are the caller's own within the credential's", limited, here, true, ["203.0.113.7/32"]],
    ["are none outside the credential's", callerOf({ addresses: ["198.51.100.0/24"] }), here, true, []],
    ["are the credential's where binding is off", limited, here, false, ["203.0.113.0/24"]],
    ["are the credential's where nobody tells the address", limited, nowhere, true, ["203.0.113.0/24"]],
    ["are none where the credential names none", callerOf({ addresses: [] }), here, false, []],
  ])("%s", (_, caller, source, bindAddress, expected) => {
    const { policy } = configOf();
    expect(boundAddresses(caller, source, { ...policy, bindAddress })).toEqual(expected);
  });
});

test("a rule whose windows are closed for the whole period has no interval", () => {
  expect(grants({ windows: [{ from: "20:00", until: "21:00" }] })[0]?.intervals).toEqual([]);
});
