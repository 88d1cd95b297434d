import { describe, expect, test } from "vitest";
import { kindOf } from "../../../../functions/authorizer/api-kinds/kind-of.ts";
import { APIS, type ApiName } from "../../../../local/events/apis.ts";
import type { LocalRequest } from "../../../../local/events/request.ts";
import { objectOf } from "../../../../shared/domain/object/unknown-object.ts";
import { CACHED, configOf, NOW, UNCACHED } from "../../../fixtures.ts";

/** What each kind of API may answer later requests by, as the function and the event tell. */

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

describe("an answer to", () => {
  test.each<ApiName>(["rest-request", "rest-token"])("%s is cached where the function says so", (api) => {
    expect(keyOf(api)).toEqual(SAID);
    expect(keyOf(api, UNCACHED)).toBeUndefined();
    expect(keyOf(api, { ...CACHED, ttl: undefined })).toEqual({ headers: ["authorization"], repeated: [] });
  });

  test.each<ApiName>(["websocket", "websocket-subprotocol"])("%s is never cached", (api) => {
    expect(keyOf(api)).toBeUndefined();
  });

  test("appsync is always cached, by the token and for as long as the configuration lets it", () => {
    for (const settings of [CACHED, UNCACHED]) expect(keyOf("appsync", settings)).toEqual({ headers: [], ttl: 60 });
  });
});

describe.each<ApiName>(["http-1.0", "http-2.0"])("the identity sources of %s", (api) => {
  test("are in the key, whatever the function says", () => {
    const values = api === "http-1.0" ? "Bearer abc" : ["Bearer abc"];
    expect(keyOf(api)).toEqual({ ...SAID, values });
    expect(keyOf(api, UNCACHED)).toEqual({ values });
  });

  test.each([
    ["null", null],
    ["an empty list", []],
  ])("as %s say that there is no cache, whatever the function says", (_, identitySource) => {
    expect(keyOf(api, CACHED, { identitySource })).toBeUndefined();
  });

  test("that are missing, or joined to nothing, leave it to the function", () => {
    for (const identitySource of [undefined, ""]) {
      expect(keyOf(api, CACHED, { identitySource })).toEqual(SAID);
      expect(keyOf(api, UNCACHED, { identitySource })).toBeUndefined();
    }
  });

  test.each([7, {}, [7], ["a", null]])("as %j are trouble, and refuse nobody", (identitySource) => {
    expect(() => keyOf(api, CACHED, { identitySource })).toThrow("event_not_supported");
  });
});

describe("a header is in the request twice", () => {
  const repeated = (changes: object) => keyOf("rest-request", CACHED, changes)?.repeated;

  test.each([
    ["as two lines", { multiValueHeaders: { Authorization: ["a", "b"] } }],
    ["as two lines that are equal", { multiValueHeaders: { Authorization: ["a", "a"] } }],
    ["in two spellings", { multiValueHeaders: { Authorization: ["a"], authorization: ["b"] } }],
    [
      "in two spellings of one map each",
      { headers: { authorization: "a" }, multiValueHeaders: { Authorization: ["a"] } },
    ],
    [
      "in two spellings where there is one map",
      { headers: { Authorization: "a", AUTHORIZATION: "b" }, multiValueHeaders: {} },
    ],
  ])("%s", (_, changes) => expect(repeated(changes)).toEqual(["authorization"]));

  test.each([
    ["once", { headers: { Authorization: "a" }, multiValueHeaders: { Authorization: ["a"] } }],
    ["not at all", { headers: null, multiValueHeaders: null }],
    ["by the name of a member of every object", { headers: { constructor: "a" }, multiValueHeaders: {} }],
  ])("not if it is there %s", (_, changes) => expect(repeated(changes)).toEqual([]));
});

describe("the key of payload format 2.0 is exact", () => {
  const isExact = (identitySource: string[], request: Partial<LocalRequest> = {}) =>
    keyOf("http-2.0", CACHED, { identitySource }, request)?.isExact === true;
  const PARAMETER = { path: "/orders/7", resource: "/orders/{id}" };

  test("with the caller's address and the route's key", () => {
    expect(isExact(["Bearer abc", "192.0.2.1", "GET /orders"])).toBe(true);
  });

  test.each([
    ["the address", ["Bearer abc", "GET /orders"]],
    ["the route", ["Bearer abc", "192.0.2.1"]],
    ["another address", ["Bearer abc", "192.0.2.2", "GET /orders"]],
    ["another route", ["Bearer abc", "192.0.2.1", "GET /"]],
  ])("not without %s", (_, values) => expect(isExact(values)).toBe(false));

  test.each([
    ["the route's key", { "x-tenant": "GET /orders" }],
    ["the address", { "x-device": "192.0.2.1" }],
  ])("not if the caller sends %s itself: the value may stand there for its header", (_, headers) => {
    const changes = { identitySource: ["Bearer abc", "192.0.2.1", "GET /orders"], headers };
    expect(keyOf("http-2.0", CACHED, changes)?.isExact).toBeUndefined();
    const query = { ...changes, headers: {}, queryStringParameters: headers };
    expect(keyOf("http-2.0", CACHED, query)?.isExact).toBeUndefined();
  });

  test("not for a route with parameters, whose key is one for all their values, unless the path is in it too", () => {
    const values = ["Bearer abc", "192.0.2.1", "GET /orders/{id}"];
    expect(isExact(values, PARAMETER)).toBe(false);
    expect(isExact([...values, "/orders/7"], PARAMETER)).toBe(true);
  });

  test("not for a route of any method, unless the method is in it too", () => {
    const changes = { routeKey: "$default", identitySource: ["Bearer abc", "192.0.2.1", "$default", "/orders"] };
    expect(keyOf("http-2.0", CACHED, changes)?.isExact).toBeUndefined();
    const complete = { ...changes, identitySource: [...changes.identitySource, "GET"] };
    expect(keyOf("http-2.0", CACHED, complete)?.isExact).toBe(true);
  });

  test("not where the event tells no address", () => {
    const identitySource = ["Bearer abc", "undefined", "GET /orders"];
    expect(keyOf("http-2.0", CACHED, { identitySource, requestContext: {} })?.isExact).toBeUndefined();
  });
});
