import { describe, expect, test } from "vitest";
import { kindOf } from "../../../../functions/authorizer/api-kinds/kind-of.ts";
import { APIS, type ApiName } from "../../../../local/events/apis.ts";
import type { LocalRequest } from "../../../../local/events/request.ts";
import { objectOf } from "../../../../shared/domain/object/unknown-object.ts";
import { CACHED, configOf, NOW, UNCACHED } from "../../../fixtures.ts";

/** The cache key of each kind of API, from the function's settings and the event. */

const REQUEST: LocalRequest = {
  method: "GET",
  path: "/orders",
  resource: "/orders",
  headers: { Authorization: "Bearer abc" },
  address: "192.0.2.1",
  stage: "prod",
  time: NOW,
};
const CONFIG = configOf({ appSync: { fields: ["Query.a"], maxCacheAge: 60 } });

const keyOf = (api: ApiName, settings = CACHED, changes: object = {}, request: Partial<LocalRequest> = {}) => {
  const event = { ...APIS[api].eventOf({ ...REQUEST, ...request }), ...changes };
  return kindOf(event).read(objectOf(event), NOW, CONFIG, settings).cache;
};

const SAID = { headers: ["authorization"], repeated: [], ttl: 300 };

describe("whether API Gateway caches an answer", () => {
  test.each<ApiName>(["rest-request", "rest-token"])("%s: as the function's settings say", (api) => {
    expect(keyOf(api)).toEqual(SAID);
    expect(keyOf(api, UNCACHED)).toBeUndefined();
    expect(keyOf(api, { ...CACHED, ttl: undefined })).toEqual({ headers: ["authorization"], repeated: [] });
  });

  test.each<ApiName>(["websocket", "websocket-subprotocol"])("%s: never", (api) => {
    expect(keyOf(api)).toBeUndefined();
  });

  test("appsync: always, by the token and for at most the configured time", () => {
    for (const settings of [CACHED, UNCACHED]) expect(keyOf("appsync", settings)).toEqual({ headers: [], ttl: 60 });
  });
});

describe.each<ApiName>(["http-1.0", "http-2.0"])("the identity sources of %s", (api) => {
  test("are part of the key, whatever the function's settings say", () => {
    const values = api === "http-1.0" ? "Bearer abc" : ["Bearer abc"];
    expect(keyOf(api)).toEqual({ ...SAID, values });
    expect(keyOf(api, UNCACHED)).toEqual({ values });
  });

  test.each([
    ["null", null],
    ["an empty list", []],
  ])("of value %s mean that there is no cache, whatever the function's settings say", (_, identitySource) => {
    expect(keyOf(api, CACHED, { identitySource })).toBeUndefined();
  });

  test("leave the decision to the function's settings when they are missing or empty", () => {
    for (const identitySource of [undefined, ""]) {
      expect(keyOf(api, CACHED, { identitySource })).toEqual(SAID);
      expect(keyOf(api, UNCACHED, { identitySource })).toBeUndefined();
    }
  });

  test.each([7, {}, [7], ["a", null]])("of value %j throw event_not_supported", (identitySource) => {
    expect(() => keyOf(api, CACHED, { identitySource })).toThrow("event_not_supported");
  });
});

describe("a repeated header is found", () => {
  const repeated = (changes: object) => keyOf("rest-request", CACHED, changes)?.repeated;

  test.each([
    ["as two lines", { multiValueHeaders: { Authorization: ["a", "b"] } }],
    ["as two lines that are equal", { multiValueHeaders: { Authorization: ["a", "a"] } }],
    ["in two spellings", { multiValueHeaders: { Authorization: ["a"], authorization: ["b"] } }],
    [
      "in two spellings, one in each map",
      { headers: { authorization: "a" }, multiValueHeaders: { Authorization: ["a"] } },
    ],
    [
      "in two spellings in a single map",
      { headers: { Authorization: "a", AUTHORIZATION: "b" }, multiValueHeaders: {} },
    ],
  ])("%s", (_, changes) => expect(repeated(changes)).toEqual(["authorization"]));

  test.each([
    ["once", { headers: { Authorization: "a" }, multiValueHeaders: { Authorization: ["a"] } }],
    ["not at all", { headers: null, multiValueHeaders: null }],
    [
      "beside another of the same length, twice",
      { multiValueHeaders: { Authorization: ["a"], "X-Other-Thing": ["a", "b"] } },
    ],
    ["with the name of an object's built-in member", { headers: { constructor: "a" }, multiValueHeaders: {} }],
  ])("but not when it is sent %s", (_, changes) => expect(repeated(changes)).toEqual([]));
});

describe("the key of payload format 2.0 is exact", () => {
  const isExact = (identitySource: string[], request: Partial<LocalRequest> = {}) =>
    keyOf("http-2.0", CACHED, { identitySource }, request)?.isExact === true;
  const PARAMETER = { path: "/orders/7", resource: "/orders/{id}" };

  test("when it contains the caller's address and the route key", () => {
    expect(isExact(["Bearer abc", "192.0.2.1", "GET /orders"])).toBe(true);
  });

  test.each([
    ["the address", ["Bearer abc", "GET /orders"]],
    ["the route", ["Bearer abc", "192.0.2.1"]],
    ["the caller's own address", ["Bearer abc", "192.0.2.2", "GET /orders"]],
    ["the request's own route", ["Bearer abc", "192.0.2.1", "GET /"]],
  ])("but not without %s", (_, values) => expect(isExact(values)).toBe(false));

  test.each([
    ["the route's key", { "x-tenant": "GET /orders" }],
    ["the address", { "x-device": "192.0.2.1" }],
  ])("but not when the caller sends %s in a header or query string, which may be the identity source", (_, headers) => {
    const changes = { identitySource: ["Bearer abc", "192.0.2.1", "GET /orders"], headers };
    expect(keyOf("http-2.0", CACHED, changes)?.isExact).toBeUndefined();
    const query = { ...changes, headers: {}, queryStringParameters: headers };
    expect(keyOf("http-2.0", CACHED, query)?.isExact).toBeUndefined();
  });

  test("but not for a route with parameters, unless the key contains the path too", () => {
    const values = ["Bearer abc", "192.0.2.1", "GET /orders/{id}"];
    expect(isExact(values, PARAMETER)).toBe(false);
    expect(isExact([...values, "/prod/orders/7"], PARAMETER)).toBe(true);
  });

  test("but not for a route of any method, unless the key contains the method too", () => {
    const changes = { routeKey: "$default", identitySource: ["Bearer abc", "192.0.2.1", "$default", "/prod/orders"] };
    expect(keyOf("http-2.0", CACHED, changes)?.isExact).toBeUndefined();
    const complete = { ...changes, identitySource: [...changes.identitySource, "GET"] };
    expect(keyOf("http-2.0", CACHED, complete)?.isExact).toBe(true);
  });

  test("but not when the values are joined to one text, in which any of them may stand for another", () => {
    const identitySource = "Bearer abc,192.0.2.1,GET /orders";
    expect(keyOf("http-2.0", CACHED, { identitySource })?.isExact).toBeUndefined();
  });

  test("but not when the event has no address", () => {
    const identitySource = ["Bearer abc", "undefined", "GET /orders"];
    expect(keyOf("http-2.0", CACHED, { identitySource, requestContext: {} })?.isExact).toBeUndefined();
  });
});
