import { describe, expect, test } from "vitest";
import { configOf } from "../../../fixtures.ts";

const rule = { name: "orders", methods: ["GET" as const], paths: ["/orders"] };
const parse = (more: object) => configOf({ routes: [{ ...rule, ...more }] });

describe("a mistake in a rule is", () => {
  test.each<[string, object]>([
    ["an empty authentication", { authentication: {} }],
    ["an empty list of contexts", { authentication: { contexts: [] } }],
    ["methods without anyOf or allOf", { authentication: { methods: ["mfa"] } }],
    ["an age of nothing", { authentication: { maxAge: 0 } }],
    ["a greatest age on a denial, which would end by waiting", { effect: "deny", authentication: { maxAge: 60 } }],
    ["no attribute", { attributes: {} }],
    ["an attribute that reaches a prototype", { attributes: JSON.parse('{"__proto__":"a"}') }],
    ["a pattern with two stars in a row", { attributes: { plan: "gold-**" } }],
    ["a stage with a wildcard", { stages: ["*"] }],
    ["stages for fields, which have none", { stages: ["prod"], fields: ["Query.orders"] }],
    ["a VPC instead of its endpoint", { vpcEndpoints: ["vpc-0123456789abcdef0"] }],
    ["no VPC endpoint", { vpcEndpoints: [] }],
  ])("%s", (_what, more) => {
    expect(() => parse(more)).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
  });

  test.each<[string, object]>([
    ["all of authentication", { authentication: { contexts: ["a"], methods: { allOf: ["b"] }, maxAge: 60 } }],
    ["a denial by context", { effect: "deny", authentication: { contexts: ["a"] } }],
    ["the stage of an HTTP API", { stages: ["$default"] }],
    ["several patterns", { attributes: { plan: ["gold-*", "trial"] } }],
  ])("not %s", (_what, more) => {
    expect(parse(more).routes).toHaveLength(1);
  });
});
