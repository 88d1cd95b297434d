import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATIONS } from "../../../functions/api-keys/answer-request.ts";
import type { Caller } from "../../../shared/domain/caller/caller.ts";
import { acme, createHarness, entitler, type Harness, partner, type Sent } from "./harness.ts";

/** Who may administer entitlements: operators alone. */

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

const SCOPES = ["entitlements:read", "entitlements:write", "keys:read", "keys:write"];
const ROUTES = Object.keys(OPERATIONS).filter((route) => route.includes("/entitlements"));
const names = (route: string) => {
  if (route === "GET /entitlements") return "issuer=a";
  if (route.includes("/tenant")) return "tenant=acme";
  return route.includes("/token") ? "issuer=a&tokenId=b" : "issuer=a&subject=b";
};
const sent = (route: string): Sent => ({
  query: names(route),
  headers: { "if-none-match": "*" },
  ...(route.startsWith("PATCH") && { body: { roles: ["admin"] } }),
});

test("there are fifteen routes, and each of them is one of the cases below", () => {
  expect(ROUTES).toHaveLength(15);
});

describe.each(ROUTES)("%s", (route) => {
  const refused = async (as: Caller) => {
    const before = await api.tables();
    const { status, body } = await api.send(route, undefined, { ...sent(route), as });
    expect([status, body.type]).toEqual([403, "urn:sallyport:problem:not-permitted"]);
    expect(await api.tables()).toBe(before);
  };

  test("is refused without its own scope, whatever the authorizer's rule says", async () => {
    const other = route.startsWith("GET") ? "entitlements:write" : "entitlements:read";
    await refused({ ...entitler, scopes: [other, "keys:read", "keys:write", "entitlements"] });
  });

  test("is refused to the administrator of a tenant, also of the very tenant that it is about", async () => {
    await refused({ ...acme, scopes: SCOPES });
  });

  test("is refused to a partner's key, and to a user who acts through one", async () => {
    const record = await api.issue({ tenant: "acme", scopes: SCOPES });
    await refused(partner(record));
    const key = partner(record);
    const user = { ...entitler, scopes: SCOPES };
    await refused({ ...user, principals: [...user.principals, ...key.principals] });
  });

  test("says that this deployment has no entitlements, if it has none, and to operators alone", async () => {
    const none = { entitlements: undefined };
    const { status, body } = await api.send(route, undefined, { ...sent(route), as: entitler }, none);
    expect([status, body.type]).toEqual([409, "urn:sallyport:problem:entitlements-off"]);
    const tenant = await api.send(route, undefined, { ...sent(route), as: { ...acme, scopes: SCOPES } }, none);
    expect(tenant.status).toBe(403);
  });
});

test("the document is for whoever reads keys or entitlements", async () => {
  for (const scope of ["keys:read", "entitlements:read"]) {
    expect((await api.send("GET /openapi.json", undefined, { as: { ...entitler, scopes: [scope] } })).status).toBe(200);
  }
  const other = await api.send("GET /openapi.json", undefined, { as: { ...entitler, scopes: ["entitlements:write"] } });
  expect(other.status).toBe(403);
});
