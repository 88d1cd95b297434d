import { describe, expect, test } from "vitest";
import { findCredentials, readSubprotocols, readToken } from "../../../../shared/domain/request/find.ts";
import { configOf } from "../../../fixtures.ts";

/** A new configuration each time: what is found out about one is kept with it. */
const config = () =>
  configOf({ credentials: { headers: { "X-Partner-Token": "saml" }, query: { access_token: "bearer" } } }).credentials;

const find = (headers: Record<string, string[]>, query: Record<string, string[]> = {}) =>
  findCredentials(new Map(Object.entries(headers)), new Map(Object.entries(query)), config()).map(
    ({ scheme, value, location }) => [scheme, value, location.in, location.name],
  );

describe("finds a credential", () => {
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
    ["\tBearer\t abc \t", "bearer", "abc"],
    // White space of HTTP is spaces and tabs: these are parts of credentials, which are malformed then.
    ["Bearer abc\u00a0", "bearer", "abc\u00a0"],
    ["Bearer abc\u3000", "bearer", "abc\u3000"],
    ["Bearer abc\ufeff", "bearer", "abc\ufeff"],
    ["Bearer \u00a0abc", "bearer", "\u00a0abc"],
    ["\u00a0Bearer abc", "bearer", "\u00a0Bearer abc"],
    ["Bearer\u00a0abc", "bearer", "Bearer\u00a0abc"],
    ["Bearer a\nb", "bearer", "a\nb"],
  ])("in Authorization: %j", (header, scheme, value) => {
    expect(find({ authorization: [header] })).toEqual([[scheme, value, "header", "authorization"]]);
  });

  test("once in Authorization if the configuration also names it, with the configured scheme", () => {
    const { credentials } = configOf({ credentials: { headers: { Authorization: "api-key" } } });
    const found = findCredentials(new Map([["authorization", ["abc"]]]), new Map(), credentials);
    expect(found.map(({ scheme, value }) => [scheme, value])).toEqual([["api-key", "abc"]]);
  });

  test("in X-Api-Key, which implies its scheme", () => {
    expect(find({ "x-api-key": ["abc"] })).toEqual([["api-key", "abc", "header", "x-api-key"]]);
  });

  test("in a configured header, in any case, and in a configured query parameter", () => {
    expect(find({ "x-partner-token": ["abc"] }, { access_token: ["def"] })).toEqual([
      ["saml", "abc", "header", "x-partner-token"],
      ["bearer", "def", "query", "access_token"],
    ]);
  });

  test("next to another one in the same header", () => {
    expect(
      find({ authorization: ["Bearer abc, ApiKey def,SAML ghi"] }).map(([scheme, value]) => [scheme, value]),
    ).toEqual([
      ["bearer", "abc"],
      ["api-key", "def"],
      ["saml", "ghi"],
    ]);
  });

  test("as often as it occurs", () => {
    expect(find({ authorization: ["Bearer abc", "Bearer def"] })).toHaveLength(2);
  });
});

test.each([[{}], [{ authorization: [""] }], [{ authorization: ["   "] }], [{ cookie: ["abc"] }]])(
  "finds nothing in %j",
  (headers) => {
    expect(find(headers as Record<string, string[]>)).toEqual([]);
  },
);

test.each(["constructor", "toString", "valueOf", "hasOwnProperty", "prototype"])(
  "the scheme %s is an unknown one, and no member that every object has",
  (name) => {
    expect(find({ authorization: [`${name} abc`] })).toEqual([["other", "abc", "header", "authorization"]]);
  },
);

test.each(["\u00a0", "\u3000", "\ufeff", "\u2028", "\n"])("%j at the edge of a value is part of it", (edge) => {
  const value = `${edge}abc${edge}`;
  expect(find({ authorization: [value] })).toEqual([["bearer", value, "header", "authorization"]]);
  expect(find({}, { access_token: [`Bearer ${value}`] })).toEqual([["bearer", value, "query", "access_token"]]);
});

// In time that grows with the square of the length, each of these takes minutes.
test.each<[string, string]>([
  ["blanks behind a scheme, and a line break", `Bearer${" ".repeat(500_000)}x\ny`],
  ["blanks behind a comma", `a,${" ".repeat(500_000)}b`],
  ["blanks between words", `a.${" ".repeat(500_000)}b`],
  ["commas", ",".repeat(500_000)],
  ["letters", `${"a".repeat(500_000)}\n`],
])("reads a query parameter of many %s in linear time", (_what, value) => {
  expect(find({}, { access_token: [value] })).toHaveLength(1);
});

test("finds a query parameter by its exact name only", () => {
  expect(find({}, { Access_Token: ["def"] })).toEqual([]);
});

test.each(["Bearer", "bearer ", "DPoP", "SAML", "ApiKey"])(
  "takes a scheme without a value for no credential of it: %s",
  (value) => {
    expect(readToken(value).map(({ scheme }) => scheme)).toEqual(["other"]);
  },
);

test("takes the value of a TOKEN event without a scheme for a bearer token", () => {
  expect(readToken("abc").map(({ scheme, value }) => [scheme, value])).toEqual([["bearer", "abc"]]);
});

describe("a sub-protocol is a credential", () => {
  const valuesOf = (...protocols: string[]) => readSubprotocols(protocols).map(({ scheme, value }) => [scheme, value]);

  test("with its scheme and value, in any case and among others", () => {
    expect(valuesOf("chat, Sallyport.ApiKey.k", "sallyport.saml.x")).toEqual([
      ["api-key", "k"],
      ["saml", "x"],
    ]);
  });

  test.each(["xsallyport.bearer.a", "sallyport.basic.a", "sallyport.bearer.", "sallyport.bearer.a\nb"])(
    "but %j is none",
    (protocol) => {
      expect(valuesOf(protocol)).toEqual([]);
    },
  );
});
