import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../iam/evaluate.ts";
import { APIS, type ApiName } from "../../local/events/apis.ts";
import type { Answer } from "../../local/hosts/host.ts";
import type { Issuers } from "../../local/stage/issuers.ts";
import { eventFor } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import { instant, MAX_RESULT_LENGTH, type PolicyDocument } from "../../shared/domain/policy/document.ts";
import { filler } from "./filler.ts";
import { host, missing } from "./host-under-test.ts";

/** Events of each kind of API, sent to the built authorizer in the host under test, and its answers. */

const ADDRESS = "203.0.113.7";
const ORDERS = { path: "/tenants/acme/orders", method: "GET" };

let world: World;
beforeAll(async () => {
  if (!missing) world = await startWorld({ host });
});
afterAll(() => world?.close());

async function send(api: ApiName, authorization: (by: Issuers, time: number) => Promise<string>) {
  // On a slow host all tests together take longer than the lifetime of a token.
  const time = Math.floor(Date.now() / 1000);
  const scenario = {
    kind: "test",
    title: "test",
    outcome: "allow",
    headers: async (by: Issuers) => ({ Authorization: await authorization(by, time) }),
  } as const;
  const event = await eventFor(scenario, world.issuersAt(time), time, { api, address: ADDRESS, ...ORDERS });
  const { methodArn, routeArn = methodArn } = event as { methodArn?: string; routeArn?: string };
  return { answer: await world.authorizer.invoke(event), arn: routeArn ?? "", time };
}

const reasonOf = ({ log }: Answer) => log.find((line) => "outcome" in line && "message" in line)?.reason;

/** The effect of an answer's policy on its own request, some seconds later and from an address. */
function effectOf({ answer, arn, time }: Awaited<ReturnType<typeof send>>, { address = ADDRESS, after = 0 } = {}) {
  const { policyDocument } = answer.result as { policyDocument: PolicyDocument };
  const context = { "aws:currenttime": instant(time + after), "aws:sourceip": address };
  return evaluate(policyDocument, { resource: arn, context }).effect;
}

/** The client's response, if the host runs an API in front of the authorizer. */
const seen = ({ status }: Answer, ...expected: number[]) => {
  if (status !== undefined) expect(expected).toContain(status);
};

const user = async (by: Issuers, claims: object = {}) => `Bearer ${await by.jwt({ scope: "orders:read", ...claims })}`;

const apis = Object.keys(APIS) as ApiName[];
const withPolicy = apis.filter((api) => api !== "appsync");

describe.skipIf(missing).each(withPolicy)("%s", (api) => {
  test("allows a caller with the right, with a policy that ends with the token", async () => {
    const sent = await send(api, (by) => user(by));
    expect(effectOf(sent)).toBe("allow");
    seen(sent.answer, 200, 101);
    expect(effectOf(sent, { after: 600 })).toBe("explicit-deny");
    expect(effectOf(sent, { address: "198.51.100.1" })).toBe(api === "rest-token" ? "allow" : "explicit-deny");
    expect(sent.answer.result).toMatchObject({
      principalId: expect.stringContaining("|alice"),
      context: { tenant: "acme" },
    });
  });

  test("names only the routes of this API in the policy", async () => {
    const { answer } = await send(api, (by) => user(by));
    const text = JSON.stringify(answer.result);
    expect(text.includes("$connect")).toBe(api.startsWith("websocket"));
    expect(text.includes("/GET/whoami")).toBe(!api.startsWith("websocket"));
  });

  test("denies a caller without the right explicitly, and passes the reason on", async () => {
    const sent = await send(api, async (by) => `Bearer ${await by.jwt()}`);
    expect(effectOf(sent)).toBe("explicit-deny");
    seen(sent.answer, 403);
    expect(sent.answer.result).toMatchObject({ context: { reason: "route_not_granted" } });
  });

  test("refuses an unknown caller with the error Unauthorized", async () => {
    const { answer } = await send(api, (by) => user(by, { exp: 1 }));
    expect(answer).toMatchObject({ error: "Unauthorized" });
    seen(answer, 401);
    expect(reasonOf(answer)).toBe("token_expired");
  });

  test("two credentials make one caller, whose scopes each of them narrows", async () => {
    const both = async (by: Issuers, scopes: string[]) => `${await user(by)}, ApiKey ${await by.apiKey({ scopes })}`;
    const allowed = await send(api, (by) => both(by, ["orders:read"]));
    expect(effectOf(allowed)).toBe("allow");
    expect(allowed.answer.result).toMatchObject({ context: { providers: "jwt api-key", scopes: "orders:read" } });
    const denied = await send(api, (by) => both(by, ["orders:write"]));
    expect(effectOf(denied)).toBe("explicit-deny");
  });

  test("answers trouble with the error unavailable", async () => {
    const { answer } = await send(api, (by) => user(by, { iss: "https://down.local.example" }));
    expect(answer).toMatchObject({ error: "unavailable" });
    seen(answer, 500);
    expect(reasonOf(answer)).toBe("key_set_unavailable");
  });

  test("accepts a result of 8 KB, and answers unavailable for one byte more", async () => {
    const sized = async (length: number) => {
      const attributes = filler(length);
      const { answer } = await send(
        api,
        async (by) => `ApiKey ${await by.apiKey({ scopes: ["orders:read"], attributes })}`,
      );
      return answer;
    };
    const room = MAX_RESULT_LENGTH - JSON.stringify((await sized(0)).result).length;
    expect(JSON.stringify((await sized(room)).result)).toHaveLength(MAX_RESULT_LENGTH);
    const tooLarge = await sized(room + 1);
    expect(tooLarge).toMatchObject({ error: "unavailable" });
    expect(reasonOf(tooLarge)).toBe("policy_too_large");
  });
});

describe.skipIf(missing)("appsync", () => {
  const refused = { isAuthorized: false, ttlOverride: 0 };

  test("allows a caller with the right, denies the other fields, and is cached no longer than the token is valid", async () => {
    const { answer } = await send("appsync", (by, time) => user(by, { exp: time + 120 }));
    expect(answer.result).toMatchObject({
      isAuthorized: true,
      resolverContext: { subject: "alice", tenant: "acme" },
      deniedFields: ["Query.auditLog", "Mutation.placeOrder"],
    });
    const { ttlOverride } = answer.result as { ttlOverride: number };
    expect(ttlOverride).toBeGreaterThan(0);
    expect(ttlOverride).toBeLessThanOrEqual(120);
  });

  test("refuses a caller without any field, and does not cache the refusal", async () => {
    const { answer } = await send("appsync", async (by) => `Bearer ${await by.jwt()}`);
    expect(answer.result).toEqual(refused);
    expect(reasonOf(answer)).toBe("route_not_granted");
  });

  test("refuses an unknown caller without an error, because a client could read its text", async () => {
    const { answer } = await send("appsync", (by) => user(by, { exp: 1 }));
    expect(answer).toMatchObject({ result: refused });
    expect(answer.error).toBeUndefined();
    expect(reasonOf(answer)).toBe("token_expired");
  });

  test("two credentials make one caller, whose scopes each of them narrows", async () => {
    const { answer } = await send(
      "appsync",
      async (by) => `${await user(by)}, ApiKey ${await by.apiKey({ scopes: ["orders:read", "orders:write"] })}`,
    );
    expect(answer.result).toMatchObject({
      resolverContext: { providers: "jwt api-key", scopes: "orders:read" },
      deniedFields: ["Query.auditLog", "Mutation.placeOrder"],
    });
  });

  test("refuses a key limited to addresses, because AppSync events have no address", async () => {
    const { answer } = await send("appsync", async (by) => {
      return `ApiKey ${await by.apiKey({ scopes: ["orders:read"], addresses: ["0.0.0.0/0"] })}`;
    });
    expect(answer.result).toEqual(refused);
    expect(reasonOf(answer)).toBe("address_not_allowed");
  });

  test("answers trouble with the error unavailable, without details", async () => {
    const { answer } = await send("appsync", (by) => user(by, { iss: "https://down.local.example" }));
    expect(answer).toMatchObject({ error: "unavailable" });
  });
});
