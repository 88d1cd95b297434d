import type { Anchor } from "./generate-instants.ts";
import { CONTEXTS, RANGES, ROLES, SCOPES, METHODS as SIGN_IN_METHODS, TENANTS } from "./generate-principals.ts";
import { manyWindows, windows } from "./generate-windows.ts";
import type { Random } from "./random.ts";
import type { ModelConfig, ModelRequirement, Rule } from "./types.ts";

const PROVIDERS = ["jwt", "saml", "api-key"];
const ISSUERS = ["https://id.example.com", "https://id2.example.com", "https://idp.example.com", "api-keys:live"];
export const ENDPOINTS = ["vpce-0aaaaaaa", "vpce-0bbbbbbb", "vpce-0ccccccc"];
const METHODS = ["GET", "POST", "DELETE"];

/** Only a few segments, so that the paths of different rules overlap often. */
const PLAIN = ["/", "/a", "/a/b", "/a/b/c", "/a/", "/A/b", "/x", "/x/a", "/u/alice", "/t/acme", "/a.b", "/a/b-c"];
const WILDCARDS = [
  "/*",
  "/a/*",
  "/a*",
  "/a/b/*",
  "/a/*/c",
  "/*/b",
  "/a/*/c/*",
  "/*c",
  "/u/*",
  "/t/*",
  "/t/acme/*",
  "/x*b",
];
const FILLED = [
  "/t/{tenant}",
  "/t/{tenant}/*",
  "/{tenant}/b",
  "/u/{subject}",
  "/u/{subject}/*",
  "/a/{subject}",
  "/c/{client}/b",
  "/a/{client}/*",
  "/u/{subject}/{client}",
  "/d/{attributes.dept}",
  "/a/{attributes.dept}/*",
];

/** A valid configuration of one to six rules. */
export function config(random: Random, anchor: Anchor): ModelConfig {
  const crowded = random.chance(0.06);
  const windowsOf = crowded ? manyWindows : windows;
  const share = crowded ? 0.9 : random.pick([0, 0.5, 0.5]);
  const routes: Rule[] = Array.from({ length: random.whole(crowded ? 4 : 1, 6) }, (_, index) => ({
    ...rule(random, index),
    ...(random.chance(share) && { windows: windowsOf(random, anchor) }),
  }));
  const denies = routes.some(({ effect }) => effect === "deny");
  const merge = {
    ...(random.chance(0.25) && { scopes: random.pick(["union", "union", "intersection"] as const) }),
    ...(random.chance(0.7) && {
      samePerson: random.chance(0.9) ? { subject: true as const } : { attribute: "dept" },
    }),
  };
  return {
    routes,
    ...(Object.keys(merge).length > 0 && { merge }),
    policy: {
      ...(random.chance(0.5) && { bindAddress: random.chance(0.2) }),
      ...(random.chance(0.15) && { explicitDeny: false }),
      ...(random.chance(0.4) && { maxLifetime: random.pick([60, 61, 900, 3600, 86_400]) }),
      // Only without denials: with them, the check of this option may refuse the configuration.
      ...(!denies && random.chance(0.1) && { caseInsensitivePaths: true }),
    },
  };
}

function rule(random: Random, index: number): Rule {
  const effect = index > 0 && random.chance(0.4) ? { effect: "deny" as const } : {};
  const paths = random.chance(0.12) ? ["/*"] : Array.from({ length: random.pick([1, 1, 2, 3]) }, () => path(random));
  const allows = effect.effect === undefined;
  return {
    name: `rule-${index}`,
    ...effect,
    methods: random.chance(0.45) ? "ANY" : random.some(METHODS),
    paths: [...new Set(paths)],
    ...(random.chance(0.2) && { credentials: credentials(random) }),
    ...(random.chance(0.2) && { scopes: requirement(random, SCOPES) }),
    ...(random.chance(0.2) && { roles: requirement(random, ROLES) }),
    ...(random.chance(0.1) && { tenants: random.some(TENANTS) }),
    ...(random.chance(0.1) && { issuers: random.some(ISSUERS, 3) }),
    ...(random.chance(0.12) && { kind: random.pick(["user", "client"] as const) }),
    ...(allows && random.chance(0.1) && { senderConstrained: random.pick(["any", "mtls", "dpop"] as const) }),
    ...(random.chance(0.12) && { attributes: { dept: random.pick(["s*", ["sales", "b"], "*", "7", "*/*", "x*s"]) } }),
    ...(random.chance(0.15) && { authentication: authentication(random, allows) }),
    ...(random.chance(0.08) && { stages: random.pick([["prod"], ["prod", "dev"], ["dev"]]) }),
    ...(random.chance(0.1) && { vpcEndpoints: random.some(ENDPOINTS, 2) }),
    ...(random.chance(0.15) && { addresses: random.some(RANGES, 4) }),
    ...(allows && random.chance(0.15) && { encodedPaths: true }),
  };
}

function authentication(random: Random, allows: boolean): NonNullable<Rule["authentication"]> {
  const asked = {
    ...(random.chance(0.4) && { contexts: random.some(CONTEXTS) }),
    ...(random.chance(0.4) && { methods: requirement(random, SIGN_IN_METHODS) }),
    ...(allows && random.chance(0.6) && { maxAge: random.pick([1, 60, 900, 1800, 3600]) }),
  };
  return Object.keys(asked).length > 0 ? asked : { contexts: ["high"] };
}

function path(random: Random): string {
  return random.pick(random.pick([PLAIN, WILDCARDS, WILDCARDS, FILLED]));
}

function credentials(random: Random): ModelRequirement {
  if (random.chance(0.4)) return { anyOf: random.some(PROVIDERS, 2) };
  return {
    allOf: random.chance(0.7)
      ? random.pick([
          ["api-key", "jwt"],
          ["jwt", "saml"],
        ])
      : random.some(PROVIDERS),
  };
}

function requirement(random: Random, items: readonly string[]): ModelRequirement {
  return random.chance(0.5) ? { anyOf: random.some(items) } : { allOf: random.some(items, 2) };
}
