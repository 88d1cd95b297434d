import { describe, expect, test } from "vitest";
import { readCacheSettings } from "../../../../shared/domain/config/cache.ts";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { configOf } from "../../../fixtures.ts";

const read = (environment: NodeJS.ProcessEnv, cachedBy?: string[]) =>
  readCacheSettings(configOf(cachedBy ? { credentials: { cachedBy } } : {}), environment);
const by = (value: string, cachedBy?: string[]) => read({ SALLYPORT_CACHED_BY: value }, cachedBy).cachedBy;
const ttl = (value: string) => read({ SALLYPORT_CACHE_TTL: value }).ttl;

describe("what the cache looks at", () => {
  test("is Authorization where nothing is said: the safe guess", () => {
    expect(read({})).toEqual({ cachedBy: ["authorization"], ttl: undefined });
  });

  test("is what the configuration says where the environment says nothing", () => {
    expect(read({}, ["X-Api-Key"]).cachedBy).toEqual(["x-api-key"]);
  });

  test("is what the environment says, whatever the configuration says", () => {
    expect(by("Authorization,x-user-token", ["x-api-key"])).toEqual(["authorization", "x-user-token"]);
    expect(by("authorization, x-api-key")).toEqual(["authorization", "x-api-key"]);
  });

  test("is nothing where the environment says none, so that one configuration serves the function without a cache too", () => {
    expect(by("none")).toBeUndefined();
    expect(by("none", ["authorization"])).toBeUndefined();
  });

  test.each([
    "",
    ",",
    "authorization,",
    "None",
    "NONE",
    "none,authorization",
    "authorization;x-api-key",
    "a b",
    "ä",
    "method.request.header.Authorization",
    "$request.header.Authorization",
  ])("stops the start as %j", (value) => {
    expect(() => by(value)).toThrow(ConfigurationError);
    expect(() => by(value)).toThrow("SALLYPORT_CACHED_BY: found");
  });
});

describe("for how long it caches", () => {
  test.each([
    ["0", 0],
    ["300", 300],
    ["3600", 3600],
  ])("is %s seconds", (value, seconds) => expect(ttl(value)).toBe(seconds));

  test.each(["", "-1", "3601", "5m", "1.5", " 300", "1e3", "٣"])("stops the start as %j", (value) => {
    expect(() => ttl(value)).toThrow("SALLYPORT_CACHE_TTL: found");
  });

  test("stops the start where the function also says that it has no cache", () => {
    const both = (seconds: string) => read({ SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: seconds });
    expect(both("0")).toEqual({ cachedBy: undefined, ttl: 0 });
    expect(() => both("300")).toThrow("SALLYPORT_CACHE_TTL: found");
  });
});

test("a secret that stands in a variable by mistake is not shown", () => {
  const wrong = {
    SALLYPORT_CACHED_BY: "https://alice:hunter2@example.com/x",
    SALLYPORT_CACHE_TTL: `sp_live_${"a1".repeat(40)}`,
  };
  expect(() => read(wrong)).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/hunter2|a1a1/) }));
});

test("every mistake is told at once", () => {
  const wrong = { SALLYPORT_CACHED_BY: "a b", SALLYPORT_CACHE_TTL: "x" };
  expect(() => read(wrong)).toThrow(/2 mistakes:\n.*SALLYPORT_CACHED_BY.*\n.*SALLYPORT_CACHE_TTL/);
});
