import { describe, expect, onTestFinished, test, vi } from "vitest";
import { appSync } from "../../../../functions/authorizer/api-kinds/appsync.ts";
import { http1, http2 } from "../../../../functions/authorizer/api-kinds/http.ts";
import { kindOf } from "../../../../functions/authorizer/api-kinds/kind-of.ts";
import { simpleResponse } from "../../../../functions/authorizer/api-kinds/simple-response.ts";
import { APIS, type ApiName } from "../../../../local/events/apis.ts";
import type { LocalRequest } from "../../../../local/events/request.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import type { Allowed } from "../../../../shared/domain/decision.ts";
import { objectOf } from "../../../../shared/domain/object/unknown-object.ts";
import { compilePolicy, denyAll } from "../../../../shared/domain/policy/compile.ts";
import { MAX_RESULT_LENGTH } from "../../../../shared/domain/policy/document.ts";
import { callerOf, configOf, NOW, requestFor, UNCACHED } from "../../../fixtures.ts";

const REQUEST: LocalRequest = {
  method: "GET",
  path: "/orders/7",
  resource: "/orders/{id}",
  headers: { Authorization: "Bearer abc", "X-Api-Key": "def" },
  query: { access_token: "ghi" },
  address: "192.0.2.1",
  stage: "prod",
  time: NOW,
};
const CONFIG = configOf({ credentials: { query: { access_token: "bearer" } } });

const read = (api: ApiName, request: Partial<LocalRequest> = {}) =>
  readEvent(APIS[api].eventOf({ ...REQUEST, ...request }));
const readEvent = (event: object) => kindOf(event).read(objectOf(event), NOW, CONFIG, UNCACHED);
const valuesOf = (...given: Parameters<typeof read>) => read(...given).credentials.map(({ value }) => value);

describe("an event is recognised as one of", () => {
  test.each(Object.keys(APIS) as ApiName[])("%s", (api) => {
    expect(kindOf(APIS[api].eventOf(REQUEST)).name).toBe(api.replace("-subprotocol", ""));
  });

  test.each<[string, object]>([
    ["an HTTP API of an unknown payload format", { ...APIS["http-2.0"].eventOf(REQUEST), version: "3.0" }],
    [
      "an AppSync Events API",
      { authorizationToken: "a", requestContext: { channel: "/a", operation: "EVENT_CONNECT" } },
    ],
    ["a backend's event", { version: "2.0", routeKey: "GET /a", requestContext: {} }],
    ["a backend's event of payload format 1.0", { ...APIS["http-1.0"].eventOf(REQUEST), type: undefined }],
    ["an AppSync event of another type", { ...APIS.appsync.eventOf(REQUEST), type: "OTHER" }],
    ["an AppSync event without a token", { requestContext: { apiId: "a", queryString: "query" } }],
    ["a token without a query", { authorizationToken: "a", requestContext: { apiId: "a" } }],
    ["a disconnecting WebSocket", { ...APIS.websocket.eventOf(REQUEST), type: undefined }],
  ])("nothing: %s", (_, event) => {
    expect(() => kindOf(event)).toThrow("event_not_supported");
  });

  test("an HTTP API's event is one whatever else API Gateway says in it", () => {
    const event = APIS["http-2.0"].eventOf(REQUEST) as { requestContext: object };
    const requestContext = { ...event.requestContext, eventType: "CONNECT" };
    expect(kindOf({ ...event, requestContext }).name).toBe("http-2.0");
  });

  test("an event is AppSync's only by fields that a caller cannot write", () => {
    const event = { type: "TOKEN", methodArn: "", authorizationToken: "a", requestContext: { queryString: "query" } };
    expect(kindOf(event).name).toBe("rest-token");
  });
});

describe("resource and address of a request", () => {
  const route = { method: "GET", path: "/orders/7", stage: "prod" };
  test.each<[ApiName, object, object]>([
    ["rest-request", route, { address: "192.0.2.1" }],
    ["http-1.0", route, { address: "192.0.2.1" }],
    ["http-2.0", route, { address: "192.0.2.1" }],
    ["websocket", { method: "$connect", path: "", stage: "prod" }, { address: "192.0.2.1" }],
    ["rest-token", route, {}],
    ["appsync", { graphqlApi: "abcdef1234" }, {}],
  ])("in %s", (api, resource, source) => {
    expect(read(api)).toMatchObject({ resource, source: { ...source, viaVpcEndpoint: false } });
  });

  test("the stage of an HTTP API may be $default, as in its ARN", () => {
    expect(read("http-2.0", { stage: "$default" }).resource).toMatchObject({ stage: "$default" });
  });

  test("throws event_not_supported when the ARN is missing", () => {
    const { routeArn: _, ...event } = APIS["http-2.0"].eventOf(REQUEST);
    expect(() => readEvent(event)).toThrow("event_not_supported");
    expect(() => readEvent({ authorizationToken: "a", requestContext: { queryString: "q" } })).toThrow(
      "event_not_supported",
    );
  });

  test("takes no address from headers, so an AppSync request has none", () => {
    expect(read("appsync", { headers: { Authorization: "a", "X-Forwarded-For": "10.0.0.1" } }).source).toEqual({
      viaVpcEndpoint: false,
    });
  });
});

describe("credentials are found", () => {
  test.each<[ApiName, string[]]>([
    ["rest-request", ["abc", "def", "ghi"]],
    ["http-1.0", ["abc", "def", "ghi"]],
    ["http-2.0", ["abc", "def", "ghi"]],
    ["websocket", ["abc", "def", "ghi"]],
    ["rest-token", ["abc"]],
    ["appsync", ["abc"]],
  ])("in %s", (api, expected) => {
    expect(valuesOf(api)).toEqual(expected);
  });

  test("among the WebSocket sub-protocols", () => {
    const headers = { "Sec-WebSocket-Protocol": "chat, sallyport.bearer.a.b.c,sallyport.saml.x_y, sallyport.apikey.k" };
    expect(read("websocket", { headers, query: {} }).credentials).toEqual(
      [
        { scheme: "bearer", value: "a.b.c" },
        { scheme: "saml", value: "x_y" },
        { scheme: "api-key", value: "k" },
      ].map((credential) => ({ ...credential, location: { in: "subprotocol", name: "sec-websocket-protocol" } })),
    );
  });

  test("in Sec-WebSocket-Protocol only for a WebSocket API", () => {
    const headers = { "Sec-WebSocket-Protocol": "sallyport.bearer.abc" };
    expect(valuesOf("rest-request", { headers, query: {} })).toEqual([]);
  });

  test("several in one header of an HTTP API, which joins repeated headers", () => {
    expect(valuesOf("http-2.0", { headers: { authorization: "Bearer a,Bearer b" }, query: {} })).toEqual(["a", "b"]);
  });
});

const policy = compilePolicy(requestFor("GET", "/a"), [], { end: NOW + 60, explicitDeny: true });
const allowed = (overrides: Partial<Allowed> = {}): Allowed => ({
  outcome: "allow",
  caller: callerOf(),
  grants: [],
  policy,
  ...overrides,
});

describe("a simple response", () => {
  const withSimple = (simpleResponses: NonNullable<SallyportConfig["httpApi"]>["simpleResponses"]) => {
    const config = configOf({ httpApi: { simpleResponses } });
    const request = http2.read(objectOf(APIS["http-2.0"].eventOf(REQUEST)), NOW, config, UNCACHED);
    return http2.respond(allowed(), request, config);
  };

  test("is given to the APIs that the configuration names, or to all", () => {
    expect(withSimple(true)).toHaveProperty("isAuthorized", true);
    expect(withSimple(["other", "abcdef1234"])).toHaveProperty("isAuthorized", true);
    expect(withSimple(["other", "bcdef1234"])).toHaveProperty("policyDocument");
    expect(withSimple(false)).toHaveProperty("policyDocument");
  });

  test("is never given to payload format 1.0, which does not support it", () => {
    const config = configOf({ httpApi: { simpleResponses: true } });
    const request = http1.read(objectOf(APIS["http-1.0"].eventOf(REQUEST)), NOW, config, UNCACHED);
    expect(request.simple).toBeUndefined();
    expect(http1.respond(allowed(), request, config)).toHaveProperty("policyDocument");
  });

  test("names no reason where it allows", () => {
    const response = simpleResponse(allowed()) as { isAuthorized: boolean; context: object };
    expect(response.isAuthorized).toBe(true);
    expect(response.context).not.toHaveProperty("reason");
  });

  test("denies with the reason", () => {
    expect(
      simpleResponse({ outcome: "deny", reason: "route_not_granted", caller: callerOf(), grants: [] }),
    ).toMatchObject({
      isAuthorized: false,
      context: { subject: "alice", reason: "route_not_granted" },
    });
  });

  test("throws Unauthorized for an unknown caller", () => {
    expect(() => simpleResponse({ outcome: "unauthenticated", reason: "token_expired" })).toThrow("Unauthorized");
  });

  test("may have 8 KB, and throws policy_too_large for one byte more", () => {
    const sized = (length: number) =>
      simpleResponse(allowed({ caller: callerOf({ attributes: { filler: "x".repeat(length) } }) }));
    const room = MAX_RESULT_LENGTH - JSON.stringify(sized(0)).length;
    expect(JSON.stringify(sized(room))).toHaveLength(MAX_RESULT_LENGTH);
    expect(() => sized(room + 1)).toThrow("policy_too_large");
  });
});

describe("an answer for AppSync", () => {
  const config = configOf({
    appSync: { fields: ["Query.a"], maxCacheAge: 60 },
    routes: [{ name: "a", fields: ["Query.a"] }],
  });
  const request = { ...requestFor("GET", "/a"), resource: { graphqlApi: "a" } };
  const answer = (decision: Parameters<typeof appSync.respond>[0]) => appSync.respond(decision, request, config);
  const permitted = (until: number, caller = callerOf(), denied: string[] = []) => {
    const { policy: _, ...rest } = allowed({ caller });
    return answer({ ...rest, fields: { denied, until } });
  };

  test("is cached for at most the configured time and the remaining life of the credential", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(permitted(NOW + 600)).toMatchObject({ isAuthorized: true, ttlOverride: 60 });
    expect(permitted(NOW + 7)).toMatchObject({ ttlOverride: 7 });
    expect(permitted(NOW)).toMatchObject({ ttlOverride: 0 });
    // AppSync counts from the answer, and the decision took 3.2 seconds.
    vi.setSystemTime(NOW * 1000 + 3200);
    expect(permitted(NOW + 7)).toMatchObject({ ttlOverride: 3 });
  });

  test("is not cached where the configuration has no section for AppSync", () => {
    const { policy: _, ...rest } = allowed();
    const decision = { ...rest, fields: { denied: [], until: NOW + 60 } };
    expect(appSync.respond(decision, request, configOf())).toMatchObject({ isAuthorized: true, ttlOverride: 0 });
  });

  test("lists the denied fields", () => {
    expect(permitted(NOW + 60, callerOf(), ["Query.b"])).toMatchObject({ deniedFields: ["Query.b"] });
  });

  test("denies a caller without an Allow, and is not cached", () => {
    const no = { isAuthorized: false, ttlOverride: 0 };
    expect(answer({ outcome: "unauthenticated", reason: "token_expired" })).toEqual(no);
    expect(answer({ outcome: "deny", reason: "route_not_granted", caller: callerOf(), grants: [] })).toEqual(no);
    expect(answer(allowed({ policy: denyAll(requestFor("GET", "/a").resource) }))).toEqual(no);
  });

  test("may have the size that AppSync caches, and throws policy_too_large for one byte more", () => {
    const most = 1_048_575;
    const sized = (length: number) => permitted(NOW + 60, callerOf({ attributes: { filler: "x".repeat(length) } }));
    const room = most - JSON.stringify(sized(0)).length;
    expect(JSON.stringify(sized(room))).toHaveLength(most);
    expect(() => sized(room + 1)).toThrow("policy_too_large");
  });
});
