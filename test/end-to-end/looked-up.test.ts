import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiName } from "../../local/events/apis.ts";
import type { Answer, FunctionHost } from "../../local/hosts/host.ts";
import { LOCAL } from "../../local/stage/configuration.ts";
import type { Issuers } from "../../local/stage/issuers.ts";
import { eventFor } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import { dynamoDbEntitlementTable } from "../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import { disable, enable } from "../../providers/entitlements/management/entitlements.ts";
import { host, missing } from "./host-under-test.ts";

/**
 * Decisions that look something up, and workloads, in the host under test: a change in the table of entitlements holds on
 * every instance for the next request, opaque tokens are asked about, and a preset's rules hold behind every kind of API.
 */

let world: World;
let second: FunctionHost;
beforeAll(async () => {
  if (missing) return;
  world = await startWorld({ host });
  second = await world.startIn(host);
});
afterAll(async () => {
  await second?.close();
  await world?.close();
});

const KINDS: readonly ApiName[] = ["rest-request", "rest-token", "http-1.0", "http-2.0", "websocket", "appsync"];

/** What an API kind without routes of its own grants is not what these tests are about: only who the caller is. */
const ROUTED: readonly ApiName[] = ["rest-request", "rest-token", "http-1.0", "http-2.0"];

async function send(
  token: (by: Issuers) => Promise<string> | string,
  { api = "rest-request" as ApiName, path = "/whoami", to = world.authorizer } = {},
) {
  const time = Math.floor(Date.now() / 1000);
  const scenario = {
    ...{ kind: "test", title: "test", outcome: "allow" as const },
    headers: async (by: Issuers) => ({ Authorization: `Bearer ${await token(by)}` }),
  };
  return outcomeOf(await to.invoke(await eventFor(scenario, world.issuersAt(time), time, { api, path })));
}

function outcomeOf({ log }: Answer): unknown {
  const { outcome, reason } = log.find((line) => "outcome" in line && "message" in line) ?? {};
  return reason ?? outcome;
}

const operator = () => world.issuersAt(Math.floor(Date.now() / 1000)).operator;

async function letIn(subject: string): Promise<void> {
  const table = dynamoDbEntitlementTable(world.config.entitlements?.table ?? "");
  const issuer = world.config.jwt?.issuers[0]?.issuer ?? "";
  const change = { by: "test", time: Math.floor(Date.now() / 1000) };
  await enable(table, { kind: "subject", issuer, subject }, change);
}

describe.skipIf(missing)("the table of entitlements", () => {
  test("locks a subject out, and lets it in again, on every instance at once", async () => {
    const sub = `mallory-${randomUUID()}`;
    const everywhere = async () => [
      await send((by) => by.jwt({ sub })),
      await send((by) => by.jwt({ sub }), { to: second }),
    ];
    expect(await everywhere()).toEqual(["allow", "allow"]);
    await operator().lockOut(sub);
    expect(await everywhere()).toEqual(["subject_disabled", "subject_disabled"]);
    await letIn(sub);
    expect(await everywhere()).toEqual(["allow", "allow"]);
  });

  test.each(KINDS)("locks a subject out of %s", async (api) => {
    const sub = `mallory-${randomUUID()}`;
    await operator().lockOut(sub);
    expect(await send((by) => by.jwt({ sub, scope: "orders:read" }), { api })).toBe("subject_disabled");
  });

  test.each(ROUTED)("gives rights that the token does not have, behind %s", async (api) => {
    const sub = `bob-${randomUUID()}`;
    const path = "/tenants/acme/orders";
    const ask = () => send((by) => by.jwt({ sub, tenant: undefined }), { api, path });
    expect(await ask()).toBe("route_not_granted");
    await operator().entitle(sub, { scopes: ["orders:read"], tenant: "acme" });
    expect(await ask()).toBe("allow");
  });

  test("refuses a tenant that its token does not agree with", async () => {
    const sub = `bob-${randomUUID()}`;
    await operator().entitle(sub, { tenant: "globex" });
    expect(await send((by) => by.jwt({ sub }))).toBe("entitlement_tenant_mismatch");
  });
});

/** Not every host lets the function reach this machine: there is no introspection server then. */
describe.skipIf(missing || host.address() !== "127.0.0.1")("an opaque token", () => {
  test.each(ROUTED)("is asked about, behind %s", async (api) => {
    expect(await send((by) => by.opaque(), { api })).toBe("allow");
    expect(await send((by) => by.opaque({ active: false }), { api })).toBe("token_inactive");
  });

  test.each([
    ["of another audience", { aud: "https://other.example" }, "token_audience_mismatch"],
    ["of another issuer", { iss: "https://other.example" }, "token_issuer_unknown"],
    ["that has ended", { exp: 1 }, "token_inactive"],
  ])("%s is refused", async (_, claims, reason) => {
    expect(await send((by) => by.opaque(claims))).toBe(reason);
  });

  test("of a server that is down is unavailable, each time and on every instance", async () => {
    for (const to of [world.authorizer, world.authorizer, second]) {
      expect(await send((by) => by.unknowableToken(), { to })).toBe("introspection_unavailable");
    }
  });

  test("of a subject who is locked out is refused", async () => {
    const sub = `mallory-${randomUUID()}`;
    const time = Math.floor(Date.now() / 1000);
    const table = dynamoDbEntitlementTable(world.config.entitlements?.table ?? "");
    await disable(table, { kind: "subject", issuer: LOCAL.opaqueIssuer, subject: sub }, { by: "test", time });
    expect(await send((by) => by.opaque({ sub }))).toBe("subject_disabled");
  });
});

describe.skipIf(missing)("a workload by its preset", () => {
  test.each(ROUTED)("is accepted behind %s as its claims are required", async (api) => {
    expect(await send((by) => by.workload(), { api })).toBe("allow");
  });

  test.each([
    ["of another branch", { sub: "repo:acme/shop:ref:refs/heads/main2" }],
    ["of a pull request", { sub: "repo:acme/shop:pull_request" }],
    ["of another owner of the same name", { repository_owner_id: "66" }],
    ["of an owner whose id only begins alike", { repository_owner_id: "650" }],
  ])("is refused %s", async (_, claims) => {
    expect(await send((by) => by.workload(claims))).toBe("token_claim_invalid");
  });
});
