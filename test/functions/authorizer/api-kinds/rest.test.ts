import { describe, expect, test } from "vitest";
import { kindOf } from "../../../../functions/authorizer/api-kinds/kind-of.ts";
import { objectOf } from "../../../../shared/domain/object/unknown-object.ts";
import { API, configOf, NOW, UNCACHED } from "../../../fixtures.ts";

const ARN = `${API}/prod/GET/orders/1`;
const CONFIG = configOf({
  credentials: { headers: { "x-user-token": "bearer" }, query: { access_token: "bearer" } },
});

const read = (event: unknown) => kindOf(event).read(objectOf(event), NOW, CONFIG, UNCACHED);
const rest = (event: object) => read({ type: "REQUEST", methodArn: ARN, ...event });
const valuesOf = (event: object) => rest(event).credentials.map(({ scheme, value }) => `${scheme} ${value}`);

describe("a TOKEN event", () => {
  const token = (authorizationToken: unknown) => read({ type: "TOKEN", methodArn: ARN, authorizationToken });

  test("has one credential, a resource, and no address", () => {
    expect(token("Bearer abc")).toEqual({
      credentials: [
        { scheme: "bearer", value: "abc", location: { in: "token", name: "authorizationToken" }, raw: "Bearer abc" },
      ],
      resource: { api: API, stage: "prod", method: "GET", path: "/orders/1" },
      source: { viaVpcEndpoint: false },
      time: NOW,
      cache: undefined,
    });
  });

  test("may hold several credentials, or none", () => {
    expect(token("Bearer abc, ApiKey def").credentials).toHaveLength(2);
    for (const value of ["", undefined, null, 7, {}, ["Bearer abc"]]) expect(token(value).credentials).toEqual([]);
  });
});

describe("a REQUEST event's headers", () => {
  test("are found in any letter case", () => {
    expect(valuesOf({ headers: { AUTHORIZATION: "Bearer a", "x-API-key": "b", "X-User-TOKEN": "c" } })).toEqual([
      "bearer a",
      "api-key b",
      "bearer c",
    ]);
  });

  test("are found in either map, and a header in both maps counts once", () => {
    expect(valuesOf({ headers: { Authorization: "a" }, multiValueHeaders: { Authorization: ["a"] } })).toEqual([
      "bearer a",
    ]);
    expect(valuesOf({ headers: { "X-Api-Key": "b" }, multiValueHeaders: { Authorization: ["a"] } })).toEqual([
      "bearer a",
      "api-key b",
    ]);
    expect(valuesOf({ multiValueHeaders: { Authorization: ["a", "b"], authorization: ["c"] } })).toEqual([
      "bearer a",
      "bearer b",
      "bearer c",
    ]);
  });

  test.each([
    ["null", null],
    ["a list", ["Authorization"]],
    ["a text", "Authorization"],
    ["a number as a value", { Authorization: 7 }],
    ["an object as a value", { Authorization: { toString: "x" } }],
    ["null as a value", { Authorization: null }],
  ])("hold no credential if they are %s", (_, headers) => {
    expect(valuesOf({ headers, multiValueHeaders: headers })).toEqual([]);
  });

  test("are read from the other map where one has no value for them, and texts alone count", () => {
    const single = { Authorization: "Bearer a" };
    expect(valuesOf({ headers: single, multiValueHeaders: { Authorization: [] } })).toEqual(["bearer a"]);
    expect(valuesOf({ headers: single, multiValueHeaders: { Authorization: [7] } })).toEqual(["bearer a"]);
    expect(valuesOf({ multiValueHeaders: { Authorization: ["Bearer a", 7, null] } })).toEqual(["bearer a"]);
  });

  test("with the name of an object's built-in member are ignored", () => {
    const event = JSON.parse(
      '{"headers":{"__proto__":"Bearer a","constructor":"Bearer b","authorization":"Bearer c"}}',
    );
    expect(valuesOf(event)).toEqual(["bearer c"]);
  });
});

describe("a REQUEST event's query string", () => {
  test("holds a credential only under a configured name, in the same letter case", () => {
    expect(valuesOf({ queryStringParameters: { access_token: "a", Access_Token: "b", authorization: "c" } })).toEqual([
      "bearer a",
    ]);
    expect(valuesOf({ multiValueQueryStringParameters: { access_token: ["a", "b"] } })).toEqual([
      "bearer a",
      "bearer b",
    ]);
  });
});

describe("the caller's address", () => {
  const sourceOf = (identity: unknown, headers: object = {}) => rest({ headers, requestContext: { identity } }).source;

  test("is the source address that API Gateway reports", () => {
    expect(sourceOf({ sourceIp: "192.0.2.1" })).toEqual({ address: "192.0.2.1", viaVpcEndpoint: false });
    expect(sourceOf({ sourceIp: "2001:db8::1" })).toEqual({ address: "2001:db8::1", viaVpcEndpoint: false });
  });

  test("is never taken from a header", () => {
    const headers = { "X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1", Forwarded: "for=10.0.0.1" };
    expect(sourceOf({ sourceIp: "192.0.2.1" }, headers).address).toBe("192.0.2.1");
    expect(sourceOf({}, headers).address).toBeUndefined();
  });

  test("is marked when the request comes through a VPC endpoint", () => {
    expect(sourceOf({ sourceIp: "10.1.2.3", vpceId: "vpce-0a1b2c3d" })).toEqual({
      address: "10.1.2.3",
      viaVpcEndpoint: true,
      vpcEndpoint: "vpce-0a1b2c3d",
    });
  });

  test.each(["", 7, null])("does not come through a VPC endpoint called %j", (vpceId) => {
    expect(sourceOf({ sourceIp: "10.1.2.3", vpceId }).viaVpcEndpoint).toBe(false);
  });

  test.each([
    "unknown",
    "",
    "10.0.0.0/8",
    "fe80::1%eth0",
    "192.0.2.1, 10.0.0.1",
    "192.0.2.1:443",
    "3221225985",
    7,
    null,
    ["192.0.2.1"],
  ])("is unknown when sourceIp is %j", (sourceIp) => expect(sourceOf({ sourceIp })).toEqual({ viaVpcEndpoint: false }));
});

describe("throws event_not_supported for an unsupported event", () => {
  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "event"],
    ["a list", [{ type: "TOKEN", methodArn: ARN }]],
    ["no type", { methodArn: ARN, headers: { Authorization: "Bearer a" } }],
    ["another type", { type: "OTHER", methodArn: ARN }],
    ["no ARN", { type: "REQUEST", headers: { Authorization: "Bearer a" } }],
    ["an ARN of another service", { type: "REQUEST", methodArn: "arn:aws:s3:::bucket/prod/GET/a" }],
    ["an ARN without a stage", { type: "REQUEST", methodArn: API }],
    ["an ARN that is no text", { type: "TOKEN", methodArn: [ARN] }],
  ])("%s", (_, event) => {
    expect(() => read(event)).toThrow("event_not_supported");
  });
});
