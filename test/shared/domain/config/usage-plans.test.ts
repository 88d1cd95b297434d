import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";

const parse = (usagePlans: unknown) =>
  parseConfig({
    apiKeys: {
      table: "keys",
      peppers: [{ id: "p1", secret: { environment: "PEPPER" } }],
      usagePlans,
    },
    routes: [{ name: "whoami", methods: ["GET"], paths: ["/whoami"] }],
  });

describe("apiKeys.usagePlans", () => {
  test("takes owners and tenants, in their order", () => {
    const usagePlans = [
      { tenant: "acme", plan: "a1b2c3" },
      { owner: "acme", plan: "d4e5f6" },
    ];
    expect(parse(usagePlans).apiKeys?.usagePlans).toEqual(usagePlans);
    expect(parse(undefined).apiKeys).not.toHaveProperty("usagePlans.0");
  });

  test.each<[string, unknown, string]>([
    ["neither owner nor tenant", [{ plan: "a1b2c3" }], "either owner or tenant"],
    ["both", [{ owner: "a", tenant: "b", plan: "a1b2c3" }], "either owner or tenant"],
    ["no plan", [{ tenant: "acme" }], "a value"],
    ["a name of a plan", [{ tenant: "acme", plan: "Gold plan" }], "the id of a usage plan"],
    ["an empty tenant", [{ tenant: "", plan: "a1b2c3" }], "1 to 256 characters"],
    ["one tenant twice", [1, 2].map((plan) => ({ tenant: "acme", plan: `a${plan}` })), "once"],
    ["another option", [{ tenant: "acme", plan: "a1b2c3", rate: 5 }], "only known options"],
    ["an object", { acme: "a1b2c3" }, "a list"],
    [
      "more entries than an account has API Gateway keys",
      Array.from({ length: 10_001 }, (_, index) => ({ tenant: `t${index}`, plan: "a1b2c3" })),
      "at most 10000",
    ],
  ])("refuses %s", (_what, usagePlans, allowed) => {
    expect(() => parse(usagePlans)).toThrow(ConfigurationError);
    expect(() => parse(usagePlans)).toThrow(allowed);
  });
});
