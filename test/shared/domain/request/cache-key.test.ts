import { describe, expect, test } from "vitest";
import { type CacheKey, outsideKey } from "../../../../shared/domain/request/cache-key.ts";
import { readCredential } from "../../../../shared/domain/request/find.ts";

/** The reason for a refusal if a credential is not in the cache key. */

type Place = [place: "header" | "query" | "token" | "subprotocol", name: string, raw: string];

const judge = (key: CacheKey, ...places: Place[]) =>
  outsideKey(
    places.flatMap(([place, name, raw]) => readCredential(raw, "bearer", { in: place, name })),
    key,
  );

const AUTHORIZATION: Place = ["header", "authorization", "Bearer abc"];
const API_KEY: Place = ["header", "x-api-key", "def"];
const QUERY: Place = ["query", "access_token", "ghi"];

describe("if the function names the headers of its cache", () => {
  const key = { headers: ["authorization"] };

  test("a credential in one of these headers is in the key", () => {
    expect(judge(key, AUTHORIZATION)).toBeUndefined();
    expect(judge(key, ["header", "authorization", "Bearer abc, ApiKey def"])).toBeUndefined();
    expect(judge({ headers: ["authorization", "x-api-key"] }, AUTHORIZATION, API_KEY)).toBeUndefined();
  });

  test.each<Place[]>([
    [API_KEY],
    [QUERY],
    [["query", "authorization", "Bearer abc"]],
    [["subprotocol", "sec-websocket-protocol", "abc"]],
  ])("a credential in %j is not in the key", (place) => {
    expect(judge(key, place)).toBe("credential_misplaced");
    expect(judge(key, AUTHORIZATION, place)).toBe("credential_misplaced");
  });

  test("the credential of a TOKEN event is always in the key", () => {
    expect(judge(key, ["token", "authorizationToken", "Bearer abc"])).toBeUndefined();
    expect(judge({ headers: [] }, ["token", "authorizationToken", "Bearer abc"])).toBeUndefined();
  });
});

describe("a header of the cache key that occurs twice", () => {
  const key = { headers: ["authorization", "x-user-token"], repeated: ["authorization", "x-api-key"] };

  test("is refused if it has a credential, because the key may contain the other line", () => {
    expect(judge(key, AUTHORIZATION)).toBe("credential_ambiguous");
    expect(judge(key, ["header", "x-user-token", "abc"], AUTHORIZATION)).toBe("credential_ambiguous");
  });

  test("is accepted if it has no credential", () => {
    expect(judge(key, ["header", "x-user-token", "abc"])).toBeUndefined();
    expect(judge(key)).toBeUndefined();
  });

  test("is refused as misplaced if it is not in the cache key", () => {
    expect(judge(key, API_KEY)).toBe("credential_misplaced");
    expect(judge({ repeated: ["x-api-key"] }, API_KEY)).toBeUndefined();
  });
});

describe("if the event has the values of the key", () => {
  test("a credential is in the key if the complete header or parameter is one of the values", () => {
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

  test("the headers that the function names are checked as well", () => {
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
  ])("joined values %j must contain the complete credential", (values, expected) => {
    expect(judge({ values }, AUTHORIZATION)).toBe(expected);
  });

  test("joined values can contain a credential with commas", () => {
    const both: Place = ["header", "authorization", "Bearer abc, ApiKey def"];
    expect(judge({ values: "Bearer abc, ApiKey def,203.0.113.7" }, both)).toBeUndefined();
    expect(judge({ values: "Bearer abc, ApiKey def,203.0.113.7" }, API_KEY)).toBe("credential_misplaced");
  });

  test("a credential without a known place is not in the key", () => {
    const credential = { scheme: "bearer", value: "abc", location: { in: "header", name: "authorization" } } as const;
    expect(outsideKey([credential], { values: ["abc"] })).toBe("credential_misplaced");
    expect(outsideKey([credential], { values: "undefined" })).toBe("credential_misplaced");
  });
});
