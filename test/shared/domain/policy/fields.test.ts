import { describe, expect, test } from "vitest";
import { permitFields } from "../../../../shared/domain/policy/fields.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { NOW, requestFor } from "../../../fixtures.ts";

const ALL = ["Query.orders", "Query.audit", "Mutation.order"];
const END = NOW + 600;

const grant = (fields: string[], overrides: Partial<Grant> = {}): Grant => ({
  rule: "rule",
  effect: "allow",
  routes: [],
  fields,
  ...overrides,
});
const permit = (...grants: Grant[]) => permitFields(requestFor("GET", "/"), grants, ALL, END);

describe("of a GraphQL API a caller may see", () => {
  test.each<[string, Grant[], string[] | undefined]>([
    ["what a grant names", [grant(["Query.orders"])], ["Query.audit", "Mutation.order"]],
    ["what several name together", [grant(["Query.orders"]), grant(["Query.audit"])], ["Mutation.order"]],
    ["what a wildcard matches", [grant(["Query.*"])], ["Mutation.order"]],
    ["all", [grant(["Query.*", "Mutation.*"])], []],
    [
      "not what a denial names",
      [grant(["Query.*"]), grant(["Query.audit"], { effect: "deny" })],
      ["Query.audit", "Mutation.order"],
    ],
    ["nothing without a grant", [], undefined],
    [
      "nothing by a rule for routes",
      [{ rule: "r", effect: "allow", routes: [{ method: "GET", path: "/*" }] }],
      undefined,
    ],
    ["nothing if all of it is denied", [grant(["Query.*"]), grant(["Query.*"], { effect: "deny" })], undefined],
    [
      "nothing by a rule for some addresses, where none is told",
      [grant(["Query.*"], { addresses: ["0.0.0.0/0"] })],
      undefined,
    ],
    [
      "not what is denied to some addresses, where none is told",
      [grant(["Query.*"]), grant(["Query.audit"], { effect: "deny", addresses: ["192.0.2.0/24"] })],
      ["Query.audit", "Mutation.order"],
    ],
    [
      "nothing by a rule whose window is closed",
      [grant(["Query.*"], { intervals: [{ start: NOW + 1, end: NOW + 2 }] })],
      undefined,
    ],
  ])("%s", (_, grants, denied) => {
    expect(permit(...grants)?.denied).toEqual(denied);
  });
});

describe("that holds until", () => {
  test("the credential ends", () => {
    expect(permit(grant(["Query.*"]))?.until).toBe(END);
  });

  test("a window closes, or another one opens", () => {
    expect(permit(grant(["Query.*"], { intervals: [{ start: NOW, end: NOW + 60 }] }))?.until).toBe(NOW + 60);
    const later = grant(["Mutation.*"], { intervals: [{ start: NOW + 30, end: NOW + 90 }] });
    expect(permit(grant(["Query.*"]), later)?.until).toBe(NOW + 30);
  });

  test("the credential ends, where windows close later", () => {
    expect(permit(grant(["Query.*"], { intervals: [{ start: NOW, end: END + 60 }] }))?.until).toBe(END);
  });
});
