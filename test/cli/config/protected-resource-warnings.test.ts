import { describe, expect, test } from "vitest";
import { protectedResourceWarnings } from "../../../cli/config/protected-resource-warnings.ts";
import { configOf } from "../../fixtures.ts";

const RESOURCE = "https://api.example.com/mcp";
const TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const issuerOf = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;

const warningsOf = (more: object = {}) =>
  protectedResourceWarnings(
    configOf({
      jwt: {
        issuers: [
          { preset: "entra-v2", issuer: issuerOf("{tenantid}"), tenantIds: [TENANT, OTHER], audience: RESOURCE },
        ],
      },
      protectedResources: [{ resource: RESOURCE, scopes: ["a"], ...more }],
    }),
  );

describe("the authorization servers of a resource, with several tenants of Entra in one entry", () => {
  test("are the issuers of the tenants, without a warning", () => {
    expect(warningsOf()).toEqual([]);
    expect(warningsOf({ authorizationServers: [issuerOf(OTHER)] })).toEqual([]);
  });

  test("are a warning if they are of another tenant", () => {
    const servers = [issuerOf("82229342-1101-4ab6-817b-70c0747630f3")];
    expect(warningsOf({ authorizationServers: servers })).toEqual([
      { path: "protectedResources[0].authorizationServers[0]", message: expect.stringContaining("not an issuer") },
    ]);
  });
});
