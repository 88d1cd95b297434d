import { describe, expect, test } from "vitest";
import { readCacheSettings, readConfigMaxAge } from "../../../../shared/domain/config/cache.ts";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { configOf } from "../../../fixtures.ts";

const read = (environment: NodeJS.ProcessEnv, cachedBy?: string[]) =>
  readCacheSettings(configOf(cachedBy ? { credentials: { cachedBy } } : {}), environment);
const by = (value: string, cachedBy?: string[]) => read({ SALLYPORT_CACHED_BY: value }, cachedBy).cachedBy;
const ttl = (value: string) => read({ SALLYPORT_CACHE_TTL: value }).ttl;

describe("the headers of the cache key", () => {
  test("are Authorization by default", () => {
    expect(read({})).toEqual({ cachedBy: ["authorization"], ttl: undefined });
  });

  test("come from the configuration if the environment does not set them", () => {
    expect(read({}, ["X-Api-Key"]).cachedBy).toEqual(["x-api-key"]);
  });

  test("come from the environment even if the configuration sets them", () => {
    expect(by("Authorization,x-user-token", ["x-api-key"])).toEqual(["authorization", "x-user-token"]);
    expect(by("authorization, x-api-key")).toEqual(["authorization", "x-api-key"]);
  });

  test("are undefined if the environment says none, whatever the configuration says", () => {
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
  ])("refuse the value %j", (value) => {
    expect(() => by(value)).toThrow(ConfigurationError);
    expect(() => by(value)).toThrow("SALLYPORT_CACHED_BY: found");
  });
});

describe("the client certificate in the cache key", () => {
  test.each(["context.identity.clientCert.clientCertPem", "$context.identity.clientCert.clientCertPem"])(
    "is said by its identity source %s, beside headers",
    (source) => {
      const said = { cachedBy: ["authorization"], certificate: true, ttl: undefined };
      expect(read({ SALLYPORT_CACHED_BY: `authorization, ${source}` })).toEqual(said);
      expect(read({ SALLYPORT_CACHED_BY: `${source},authorization` })).toEqual(said);
    },
  );

  test("is not said by default, nor by another context variable", () => {
    expect(read({ SALLYPORT_CACHED_BY: "authorization" })).not.toHaveProperty("certificate");
    expect(read({ SALLYPORT_CACHED_BY: "authorization,context.identity.clientCert.subjectDN" })).not.toHaveProperty(
      "certificate",
    );
    expect(() => by("none,context.identity.clientCert.clientCertPem")).toThrow(ConfigurationError);
  });
});

describe("the TTL of the cache", () => {
  test.each([
    ["0", 0],
    ["300", 300],
    ["3600", 3600],
  ])("is %s seconds", (value, seconds) => expect(ttl(value)).toBe(seconds));

  test.each(["", "-1", "3601", "5m", "1.5", " 300", "1e3", "٣"])("refuses the value %j", (value) => {
    expect(() => ttl(value)).toThrow("SALLYPORT_CACHE_TTL: found");
  });

  test("must be 0 if there is no cache", () => {
    const both = (seconds: string) => read({ SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: seconds });
    expect(both("0")).toEqual({ cachedBy: undefined, ttl: 0 });
    expect(() => both("300")).toThrow("SALLYPORT_CACHE_TTL: found");
  });
});

test("does not show a secret in a variable", () => {
  const wrong = {
    SALLYPORT_CACHED_BY: "https://alice:hunter2@example.com/x",
    SALLYPORT_CACHE_TTL: `sp_live_${"a1".repeat(40)}`,
  };
  expect(() => read(wrong)).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/hunter2|a1a1/) }));
});

test("reports every mistake at once", () => {
  const wrong = { SALLYPORT_CACHED_BY: "a b", SALLYPORT_CACHE_TTL: "x" };
  expect(() => read(wrong)).toThrow(/2 mistakes:\n.*SALLYPORT_CACHED_BY.*\n.*SALLYPORT_CACHE_TTL/);
});

describe("SALLYPORT_CONFIG_MAX_AGE", () => {
  const read = (text?: string) => readConfigMaxAge(text === undefined ? {} : { SALLYPORT_CONFIG_MAX_AGE: text });

  test("is a minute if it is not set, and 0 for never", () => {
    expect([read(), read("0"), read("15"), read("86400")]).toEqual([60, 0, 15, 86_400]);
  });

  test.each([["14"], ["86401"], ["-1"], ["1e2"], ["60s"], ["1.5"], [""]])("is refused as %j", (text) => {
    expect(() => read(text)).toThrow("SALLYPORT_CONFIG_MAX_AGE");
  });
});
