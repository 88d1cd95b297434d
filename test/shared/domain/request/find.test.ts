import { describe, expect, test } from "vitest";
import { findCredentials } from "../../../../shared/domain/request/find.ts";
import { configOf } from "../../../fixtures.ts";

const { credentials: CONFIG } = configOf({
  credentials: { headers: { "X-Partner-Token": "saml" }, query: { access_token: "bearer" } },
});

const find = (headers: Record<string, string[]>, query: Record<string, string[]> = {}) =>
  findCredentials(new Map(Object.entries(headers)), new Map(Object.entries(query)), CONFIG).map(
    ({ scheme, value, location }) => [scheme, value, location.in, location.name],
  );

describe("a credential is found", () => {
  test.each([
    ["Bearer abc", "bearer", "abc"],
    ["bearer abc", "bearer", "abc"],
    ["BEARER\tabc", "bearer", "abc"],
    ["SAML abc", "saml", "abc"],
    ["ApiKey abc", "api-key", "abc"],
    ["  Bearer   abc  ", "bearer", "abc"],
    ["abc", "bearer", "abc"],
    ["Basic abc", "other", "abc"],
    ["Bearer a b", "bearer", "a b"],
  ])("in Authorization: %j", (header, scheme, value) => {
    expect(find({ authorization: [header] })).toEqual([[scheme, value, "header", "authorization"]]);
  });

  test("once in a header that the configuration names although it is always looked at, with the scheme it says", () => {
    const { credentials } = configOf({ credentials: { headers: { Authorization: "api-key" } } });
    const found = findCredentials(new Map([["authorization", ["abc"]]]), new Map(), credentials);
    expect(found.map(({ scheme, value }) => [scheme, value])).toEqual([["api-key", "abc"]]);
  });

  test("in X-Api-Key, which implies its scheme", () => {
    expect(find({ "x-api-key": ["abc"] })).toEqual([["api-key", "abc", "header", "x-api-key"]]);
  });

  test("in a header and a query parameter of the configuration's own, the header by any case", () => {
    expect(find({ "x-partner-token": ["abc"] }, { access_token: ["def"] })).toEqual([
      ["saml", "abc", "header", "x-partner-token"],
      ["bearer", "def", "query", "access_token"],
    ]);
  });

  test("beside another in one header", () => {
    expect(
      find({ authorization: ["Bearer abc, ApiKey def,SAML ghi"] }).map(([scheme, value]) => [scheme, value]),
    ).toEqual([
      ["bearer", "abc"],
      ["api-key", "def"],
      ["saml", "ghi"],
    ]);
  });

  test("as often as it stands there: none of two is chosen", () => {
    expect(find({ authorization: ["Bearer abc", "Bearer def"] })).toHaveLength(2);
  });
});

test.each([[{}], [{ authorization: [""] }], [{ authorization: ["   "] }], [{ cookie: ["abc"] }]])(
  "nothing is found in %j",
  (headers) => {
    expect(find(headers as Record<string, string[]>)).toEqual([]);
  },
);

test("a query parameter is found by its exact name only", () => {
  expect(find({}, { Access_Token: ["def"] })).toEqual([]);
});
