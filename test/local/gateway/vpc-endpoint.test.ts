import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Api } from "../../../local/gateway/api.ts";
import { type Gateway, startGateway } from "../../../local/gateway/gateway.ts";

/** A request to a REST API with the header `x-amzn-vpce-id` comes through that VPC endpoint, as to a private API. */

const ENDPOINT = "vpce-0123456789abcdef0";
const base = { id: "abcdef1234", stage: "prod", stageVariables: {} } as const;
const routes = [{ method: "ANY", path: "/{path+}", function: "Backend", authorizer: "Own", payload: "2.0" }] as const;
const authorizers = { Own: { type: "REQUEST", function: "Auth", sources: [], ttl: 0 } } as const;
const APIS: readonly Api[] = [
  { ...base, kind: "rest", name: "rest", routes, authorizers, gatewayResponses: {}, apiKeySource: "HEADER" },
  { ...base, kind: "http", name: "http", routes, authorizers: { Own: { ...authorizers.Own, payload: "2.0" } } },
];

let gateway: Gateway;
let seen: Record<string, unknown>[] = [];
let condition: Record<string, Record<string, string>> = {};
beforeAll(async () => {
  const invoke = async (name: string, event: unknown) => {
    seen.push({ name, event });
    if (name === "Backend") return { result: { statusCode: 200, body: "{}" }, log: [] };
    const statement = { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*", Condition: condition };
    const policyDocument = { Version: "2012-10-17", Statement: [statement] };
    return { result: { principalId: "alice", policyDocument }, log: [] };
  };
  gateway = await startGateway({ apis: APIS, functions: { invoke } });
});
afterAll(() => gateway.close());
beforeEach(() => {
  [seen, condition] = [[], {}];
});

async function statusOf(headers: Record<string, string>, api = "rest"): Promise<number> {
  const response = await fetch(`${gateway.urls[api]}/internal`, { headers });
  await response.arrayBuffer();
  return response.status;
}
const through = (endpoint: string) => ({ "x-amzn-vpce-id": endpoint });
const identities = () => seen.map(({ event }) => Object(Object(Object(event).requestContext).identity));

test("authorizer and backend see the endpoint, and the caller's address in the VPC", async () => {
  expect(await statusOf({ ...through(ENDPOINT), "X-Sallyport-Source-Ip": "10.0.0.7" })).toBe(200);
  expect(identities()).toHaveLength(2);
  for (const identity of identities()) {
    expect(identity).toMatchObject({ vpceId: ENDPOINT, vpcId: expect.any(String), sourceIp: "10.0.0.7" });
  }
});

test("without the header there is no endpoint", async () => {
  expect(await statusOf({})).toBe(200);
  for (const identity of identities()) expect(Object.keys(identity)).not.toContain("vpceId");
});

test.each([
  ["the endpoint that a policy names", through(ENDPOINT), 200],
  ["another one", through("vpce-0fedcba9876543210"), 403],
  ["the internet", {}, 403],
])("aws:SourceVpce decides about %s", async (_, headers, status) => {
  condition = { StringEquals: { "aws:SourceVpce": ENDPOINT } };
  expect(await statusOf(headers)).toBe(status);
});

test.each([
  ["aws:VpcSourceIp", through(ENDPOINT), 200],
  ["aws:VpcSourceIp", {}, 403],
  ["aws:SourceIp", through(ENDPOINT), 403],
  ["aws:SourceIp", {}, 200],
])("the address is in one key alone: a policy by %s with %j", async (key, headers, status) => {
  condition = { IpAddress: { [key]: "127.0.0.1/32" } };
  expect(await statusOf(headers)).toBe(status);
});

test("an HTTP API, which is never private, knows no endpoint", async () => {
  await statusOf(through(ENDPOINT), "http");
  expect(JSON.stringify(seen.map(({ event }) => Object(event).requestContext))).not.toContain(ENDPOINT);
});
