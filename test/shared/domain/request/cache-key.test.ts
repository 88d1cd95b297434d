import { describe, expect, test } from "vitest";
import { type CacheKey, outsideKey } from "../../../../shared/domain/request/cache-key.ts";
import { readCredential } from "../../../../shared/domain/request/find.ts";

/** Whether the credentials of a request are in the key of the cache that may keep its answer. */

type Place = [place: "header" | "query" | "token" | "subprotocol", name: string, raw: string];

const judge = (key: CacheKey, ...places: Place[]) =>
  outsideKey(
    places.flatMap(([place, name, raw]) => readCredential(raw, "bearer", { in: place, name })),
    key,
  );

const AUTHORIZATION: Place = ["header", "authorization", "Bearer abc"];
const API_KEY: Place = ["header", "x-api-key", "def"];
const QUERY: Place = ["query", "access_token", "ghi"];

describe("where the function names the headers of its cache", () => {
  const key = { headers: ["authorization"] };

  test("a credential in one of them is in the key", () => {
    expect(judge(key, AUTHORIZATION)).toBeUndefined();
    expect(judge(key, ["header", "authorization", "Bearer abc, ApiKey def"])).toBeUndefined();
    expect(judge({ headers: ["authorization", "x-api-key"] }, AUTHORIZATION, API_KEY)).toBeUndefined();
  });

  test.each<Place[]>([
    [API_KEY],
    [QUERY],
    [["query", "authorization", "Bearer abc"]],
    [["subprotocol", "sec-websocket-protocol", "abc"]],
  ])("a credential in %j is not", (place) => {
    expect(judge(key, place)).toBe("credential_misplaced");
    expect(judge(key, AUTHORIZATION, place)).toBe("credential_misplaced");
  });

  test("one of an event that holds nothing else always is", () => {
    expect(judge(key, ["token", "authorizationToken", "Bearer abc"])).toBeUndefined();
    expect(judge({ headers: [] }, ["token", "authorizationToken", "Bearer abc"])).toBeUndefined();
  });
});

describe("a header of the cache that a request has twice", () => {
  const key = { headers: ["authorization", "x-user-token"], repeated: ["authorization", "x-api-key"] };

  test("is refused where it carries a credential: the key may hold the other line", () => {
    expect(judge(key, AUTHORIZATION)).toBe("credential_ambiguous");
    expect(judge(key, ["header", "x-user-token", "abc"], AUTHORIZATION)).toBe("credential_ambiguous");
  });

  test("is nothing to the authorizer where it carries none", () => {
    expect(judge(key, ["header", "x-user-token", "abc"])).toBeUndefined();
    expect(judge(key)).toBeUndefined();
  });

  test("is misplaced first of all where the cache does not look at it", () => {
    expect(judge(key, API_KEY)).toBe("credential_misplaced");
    expect(judge({ repeated: ["x-api-key"] }, API_KEY)).toBeUndefined();
  });
});

describe("where the event tells the values of the key", () => {
  test("a credential is in it if all that stands in its place is one of them", () => {
    const values = ["Bearer abc", "203.0.113.7"];
    expect(judge({ values }, AUTHORIZATION)).toBeUndefined();
    expect(judge({ values }, AUTHORIZATION, API_KEY)).toBe("credential_misplaced");
    expect(judge({ values: [...values, "ghi"] }, AUTHORIZATION, QUERY)).toBeUndefined();
    expect(judge({ values: ["abc"] }, AUTHORIZATION)).toBe("credential_misplaced");
    expect(judge({ values: ["Bearer abc, ApiKey x"] }, AUTHORIZATION)).toBe("credential_misplaced");
    expect(judge({ values: ["Bearer abc"] }, ["header", "authorization", "Bearer abc, ApiKey x"])).toBe(
      "credential_misplaced",
    );
  });

  test("the function's word counts beside them", () => {
    const key = { headers: ["authorization"], values: ["Bearer abc", "def", "ghi"] };
    expect(judge(key, AUTHORIZATION)).toBeUndefined();
    expect(judge(key, API_KEY)).toBe("credential_misplaced");
    expect(judge(key, QUERY)).toBe("credential_misplaced");
    expect(judge({ ...key, values: ["def"] }, AUTHORIZATION)).toBe("credential_misplaced");
  });

  test.each<[string, string | undefined]>([
    ["Bearer abc", undefined],
    ["Bearer abc,203.0.113.7", undefined],
    ["203.0.113.7,Bearer abc", undefined],
    ["x,Bearer abc,y", undefined],
    ["Bearer abcd", "credential_misplaced"],
    ["xBearer abc", "credential_misplaced"],
    ["Bearer abc x", "credential_misplaced"],
    ["Bearer,abc", "credential_misplaced"],
  ])("joined as %j they hold it whole or not at all", (values, expected) => {
    expect(judge({ values }, AUTHORIZATION)).toBe(expected);
  });

  test("joined they hold a value that has commas of its own", () => {
    const both: Place = ["header", "authorization", "Bearer abc, ApiKey def"];
    expect(judge({ values: "Bearer abc, ApiKey def,203.0.113.7" }, both)).toBeUndefined();
    expect(judge({ values: "Bearer abc, ApiKey def,203.0.113.7" }, API_KEY)).toBe("credential_misplaced");
  });

  test("a credential of which nobody knows where it stood is in none", () => {
    const credential = { scheme: "bearer", value: "abc", location: { in: "header", name: "authorization" } } as const;
    expect(outsideKey([credential], { values: ["abc"] })).toBe("credential_misplaced");
  });
});
