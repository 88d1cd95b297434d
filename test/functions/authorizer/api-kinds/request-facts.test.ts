import { describe, expect, test } from "vitest";
import { factsOf } from "../../../../functions/authorizer/api-kinds/request-facts.ts";

const rest = {
  type: "REQUEST",
  path: "/orders/1%20a",
  httpMethod: "GET",
  pathParameters: { id: "1 a" },
  stageVariables: { table: "orders" },
  requestContext: { resourcePath: "/orders/{id}", stage: "prod", requestId: "r1", identity: { sourceIp: "192.0.2.1" } },
};

describe("facts of a request", () => {
  test("are those of the event of a REST API", () => {
    expect(factsOf(rest, undefined)()).toEqual({
      method: "GET",
      path: "/orders/1%20a",
      route: "/orders/{id}",
      pathParameters: { id: "1 a" },
      stageVariables: { table: "orders" },
      context: { resourcePath: "/orders/{id}", stage: "prod", requestId: "r1" },
    });
  });

  test("are those of the event of an HTTP API", () => {
    const event = {
      version: "2.0",
      rawPath: "/orders/1",
      routeKey: "GET /orders/{id}",
      pathParameters: { id: "1" },
      requestContext: { http: { method: "GET" }, stage: "$default" },
    };
    expect(factsOf(event, undefined)()).toEqual({
      method: "GET",
      path: "/orders/1",
      route: "GET /orders/{id}",
      pathParameters: { id: "1" },
      stageVariables: {},
      context: { stage: "$default", routeKey: "GET /orders/{id}" },
    });
  });

  test("are empty where the event has none, or null", () => {
    expect(factsOf({ pathParameters: null, stageVariables: undefined }, undefined)()).toEqual({
      pathParameters: {},
      stageVariables: {},
      context: {},
    });
  });

  test.each([
    ["is cached", { headers: ["authorization"] }],
    ["may be cached, by a key that is not known", {}],
    ["is cached by a key that names the route", { headers: ["authorization"], isExact: true }],
  ])("are refused if the answer %s: it would serve other requests", (_what, cache) => {
    expect(factsOf(rest, cache)).toThrow(expect.objectContaining({ reason: "request_facts_cached" }));
  });
});
