import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHandler } from "../../../functions/resource-metadata/create-handler.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";

const ISSUER = "https://id.example.com";
const RESOURCE = "https://api.example.com/mcp";
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

const BASE: SallyportConfig = {
  jwt: { issuers: [{ issuer: ISSUER, audience: RESOURCE }] },
  protectedResources: [{ resource: RESOURCE }],
  routes: [
    { name: "read", methods: ["GET"], paths: ["/mcp"], scopes: { anyOf: ["mcp:read", "mcp:admin"] } },
    { name: "admin", methods: ["POST"], paths: ["/mcp"], scopes: { allOf: ["mcp:admin"] } },
    { name: "no", effect: "deny", methods: ["GET"], paths: ["/x"], scopes: { allOf: ["forbidden"] } },
  ],
};

const handlerOf = (config: Partial<SallyportConfig> = {}) => createHandler(parseConfig({ ...BASE, ...config }));
const get = (path: string, handler = handlerOf(), httpMethod = "GET") => handler({ httpMethod, path });
const metadataOf = async (config: Partial<SallyportConfig> = {}, path = WELL_KNOWN) =>
  JSON.parse((await get(path, handlerOf(config))).body);

test("serves the metadata of RFC 9728, from the issuers and the scopes of the allowing rules", async () => {
  const { statusCode, headers, body } = await get(`${WELL_KNOWN}/mcp`);
  expect([statusCode, headers]).toEqual([
    200,
    {
      "Content-Type": "application/json",
      "Cache-Control": "public, max-age=3600",
      "Access-Control-Allow-Origin": "*",
    },
  ]);
  expect(JSON.parse(body)).toEqual({
    resource: RESOURCE,
    authorization_servers: [ISSUER],
    scopes_supported: ["mcp:admin", "mcp:read"],
    bearer_methods_supported: ["header"],
  });
});

test("options go before what is derived, and empty members are left out", async () => {
  const [resource, documentation] = [RESOURCE, "https://docs.example.com"];
  const said = {
    ...{ resource, documentation, name: "Orders", scopes: ["mcp:read"], maxAge: 0 },
    authorizationServers: ["https://login.example.com/tenant"],
  };
  expect(await metadataOf({ protectedResources: [said] })).toEqual({
    ...{ resource, resource_name: "Orders", resource_documentation: documentation },
    ...{ authorization_servers: ["https://login.example.com/tenant"], scopes_supported: ["mcp:read"] },
    bearer_methods_supported: ["header"],
  });
  expect(await get(WELL_KNOWN, handlerOf({ protectedResources: [said] }))).toMatchObject({
    headers: { "Cache-Control": "no-store" },
  });
  const none = await metadataOf({ protectedResources: [{ resource, scopes: [] }] });
  expect(none).not.toHaveProperty("scopes_supported");
});

test("names each tenant's server of a multi-tenant application, and no issuer of workloads", async () => {
  const [audience, tid] = [RESOURCE, "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"];
  const issuers = [
    {
      preset: "entra-v2" as const,
      issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
      tenantIds: [tid],
      audience,
    },
    { preset: "gitlab" as const, issuer: "https://gitlab.com", audience },
  ];
  expect(await metadataOf({ jwt: { issuers } })).toMatchObject({
    authorization_servers: [`https://login.microsoftonline.com/${tid}/v2.0`],
  });
});

test("names no authorization server for issuers that are no URLs, and no way of presenting a token without JWTs", async () => {
  const { jwt: _, ...rest } = BASE;
  const keys = { apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "P" } }] } };
  const without = createHandler(parseConfig({ ...rest, ...keys }));
  expect(JSON.parse((await get(WELL_KNOWN, without)).body)).toEqual({
    resource: RESOURCE,
    scopes_supported: ["mcp:admin", "mcp:read"],
  });
  const secret = { secret: { environment: "S" } };
  const issuers = [{ issuer: "batch", audience: "x", algorithms: ["HS256" as const], keys: secret }];
  expect(await metadataOf({ jwt: { issuers } })).not.toHaveProperty("authorization_servers");
});

test("says that a query takes tokens only under the name that the standard gives", async () => {
  const methods = async (query: Record<string, "bearer" | "api-key">) =>
    (await metadataOf({ credentials: { query } })).bearer_methods_supported;
  expect(await methods({ access_token: "bearer" })).toEqual(["header", "query"]);
  expect(await methods({ token: "bearer", access_token: "api-key" })).toEqual(["header"]);
});

test("says how tokens may be bound to their senders, and whether they must be", async () => {
  const dpop = { origins: ["https://api.example.com"], replayTable: "proofs", algorithms: ["ES256" as const] };
  const issuer = { issuer: ISSUER, audience: RESOURCE };
  const bound = async (...constraints: ("mtls" | "dpop" | "any" | undefined)[]) => {
    const issuers = constraints.map((senderConstrained, index) => ({
      ...{ ...issuer, issuer: `${ISSUER}/${index}` },
      ...(senderConstrained && { senderConstrained }),
    }));
    const metadata = await metadataOf({ dpop, jwt: { issuers } });
    const { tls_client_certificate_bound_access_tokens: mtls, dpop_bound_access_tokens_required: always } = metadata;
    return [mtls, metadata.dpop_signing_alg_values_supported, always];
  };
  expect(await bound(undefined)).toEqual([undefined, ["ES256"], undefined]);
  expect(await bound("dpop", "dpop")).toEqual([undefined, ["ES256"], true]);
  expect(await bound("dpop", undefined)).toEqual([undefined, ["ES256"], undefined]);
  expect(await bound("any")).toEqual([true, ["ES256"], undefined]);
  expect(await bound("mtls")).toEqual([true, ["ES256"], undefined]);
  const { dpop_signing_alg_values_supported: none } = await metadataOf();
  expect(none).toBeUndefined();
});

describe("finds the resource by the path alone", () => {
  test.each<[string, object]>([
    ["a REST API", { httpMethod: "GET", path: `${WELL_KNOWN}/mcp` }],
    ["a REST API behind a base path", { httpMethod: "GET", path: `/v1${WELL_KNOWN}/mcp` }],
    ["an HTTP API", { rawPath: `${WELL_KNOWN}/mcp`, requestContext: { http: { method: "GET" } } }],
    ["an HTTP API with a named stage", { rawPath: `/prod${WELL_KNOWN}`, requestContext: { http: { method: "GET" } } }],
    ["a slash at the end", { httpMethod: "GET", path: `${WELL_KNOWN}/mcp/` }],
  ])("%s", async (_, event) => {
    expect(JSON.parse((await handlerOf()(event)).body)).toMatchObject({ resource: RESOURCE });
  });

  test("with the stage or a base path before the well-known part, as on the default domain of a REST API", async () => {
    const ofStage = { resource: "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/mcp" };
    const handler = handlerOf({ protectedResources: [{ resource: RESOURCE }, ofStage] });
    const at = async (path: string) => {
      const { statusCode, body } = await handler({ httpMethod: "GET", requestContext: { path } });
      return statusCode === 200 ? JSON.parse(body).resource : statusCode;
    };
    expect(await at(`/prod${WELL_KNOWN}/mcp`)).toBe(ofStage.resource);
    expect(await at(`${WELL_KNOWN}/prod/mcp`)).toBe(ofStage.resource);
    expect(await at(`${WELL_KNOWN}/mcp`)).toBe(RESOURCE);
    expect(await at(`/v1${WELL_KNOWN}/mcp`)).toBe(RESOURCE);
    expect(await at(`/prod${WELL_KNOWN}`)).toBe(404);
  });

  test("whatever the host and forwarded headers say", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.string()), fc.webUrl(), async (others, host) => {
        const headers = { ...others, Host: host, "X-Forwarded-Host": host, Forwarded: `host=${host}` };
        const event = { httpMethod: "GET", path: WELL_KNOWN, headers, multiValueHeaders: { Host: [host] } };
        const hostile = { ...event, requestContext: { domainName: host } };
        expect(await handlerOf()(hostile)).toEqual(await get(WELL_KNOWN));
      }),
    );
  });

  test("one of several, and none of them without its path", async () => {
    const two = [{ resource: RESOURCE }, { resource: "https://api.example.com/mcp/admin/" }];
    const handler = handlerOf({ protectedResources: two });
    const admin = await get(`${WELL_KNOWN}/mcp/admin`, handler);
    expect(JSON.parse(admin.body)).toMatchObject({ resource: "https://api.example.com/mcp/admin/" });
    expect(await get(WELL_KNOWN, handler)).toMatchObject({ statusCode: 404 });
  });
});

test.each(["/", "/whoami", `${WELL_KNOWN}/other`, `${WELL_KNOWN}x`, `${WELL_KNOWN}/mcp${WELL_KNOWN}`, "", undefined])(
  "answers 404 for %s",
  async (path) => {
    const { statusCode, body } = await handlerOf()({ httpMethod: "GET", path });
    expect([statusCode, body]).toEqual([404, ""]);
  },
);

test("answers any event, and never with another document than those of the configuration", async () => {
  const handler = handlerOf();
  const whole = (await get(WELL_KNOWN)).body;
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (event) => {
      const { statusCode, body } = await handler(event);
      expect([200, 204, 404, 405]).toContain(statusCode);
      expect(["", whole]).toContain(body);
    }),
  );
});

test("answers HEAD and OPTIONS, and no method that writes", async () => {
  expect(await get(WELL_KNOWN, handlerOf(), "HEAD")).toMatchObject({ statusCode: 200, body: "" });
  const preflight = await get(WELL_KNOWN, handlerOf(), "OPTIONS");
  expect(preflight).toMatchObject({
    statusCode: 204,
    headers: { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "MCP-Protocol-Version" },
  });
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE"]) {
    expect(await get(WELL_KNOWN, handlerOf(), method)).toMatchObject({ statusCode: 405, body: "" });
  }
});

test("does not start without protected resources", () => {
  const { protectedResources: _, ...rest } = BASE;
  expect(() => createHandler(parseConfig(rest))).toThrow("protectedResources");
});
