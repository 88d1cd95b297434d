import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiName } from "../../local/events/apis.ts";
import type { Answer, FunctionHost } from "../../local/hosts/host.ts";
import { LOCAL } from "../../local/stage/configuration.ts";
import { eventFor } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import { host, missing } from "./host-under-test.ts";

/** Tokens that are bound to a DPoP key, sent to the built authorizer in the host under test, with a table of proofs. */

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

const TARGET = { method: "GET", path: "/tenants/acme/orders" };
const READ = { scope: "orders:read" };

/** An event of a request with a bound token, and what differs from a good one. */
async function eventWith({
  api = "rest-request" as ApiName,
  made = `${LOCAL.origin}/prod${TARGET.path}`,
  claims = {},
  uncached = true,
} = {}) {
  const time = Math.floor(Date.now() / 1000);
  const scenario = {
    ...{ kind: "test", title: "test", outcome: "allow" as const },
    headers: (by: ReturnType<World["issuersAt"]>) => by.dpop({ method: "GET", url: made }, READ, claims),
  };
  return eventFor(scenario, world.issuersAt(time), time, { ...TARGET, api, uncached });
}

const lineOf = ({ log }: Answer) => log.find((line) => "outcome" in line && "message" in line) ?? {};
const outcomeOf = (answer: Answer) => {
  const { outcome, reason } = lineOf(answer);
  return reason ?? outcome;
};

describe.skipIf(missing)("a token with a proof of its key", () => {
  test.each<ApiName>(["rest-request", "http-1.0", "http-2.0"])("is accepted by %s, once", async (api) => {
    const event = await eventWith({ api });
    const answer = await world.authorizer.invoke(event);
    expect(lineOf(answer)).toMatchObject({
      outcome: "allow",
      credentials: [{ scheme: "dpop", provider: "jwt", confirmation: ["dpop"] }],
    });
    expect(outcomeOf(await world.authorizer.invoke(event))).toBe("dpop_proof_replayed");
    expect(outcomeOf(await second.invoke(event))).toBe("dpop_proof_replayed");
  });

  test.each<ApiName>(["rest-token", "websocket", "appsync"])(
    "is refused by %s, which cannot see whose it is",
    async (api) => {
      expect(outcomeOf(await world.authorizer.invoke(await eventWith({ api })))).toBe("token_confirmation_unsupported");
    },
  );

  test("is refused where an HTTP API has identity sources, and so may have a cache", async () => {
    const event = await eventWith({ api: "http-2.0", uncached: false });
    const { identitySource } = event as { identitySource: unknown };
    expect(identitySource).not.toBeNull();
    // The local gateway's API has no identity sources: its event is made anew.
    if (/gateway/i.test(host.title)) return;
    expect(outcomeOf(await world.authorizer.invoke(event))).toBe("token_confirmation_cached");
  });

  test.each([
    ["another path", `${LOCAL.origin}/prod/whoami`],
    ["another stage", `${LOCAL.origin}/test${TARGET.path}`],
    ["no stage", `${LOCAL.origin}${TARGET.path}`],
    ["another origin", `https://evil.example/prod${TARGET.path}`],
    [
      "the host of the event, which the configuration does not name",
      `https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod${TARGET.path}`,
    ],
  ])("is refused if the proof was made for %s", async (_title, made) => {
    expect(outcomeOf(await world.authorizer.invoke(await eventWith({ made })))).toBe("dpop_url_mismatch");
  });

  test("is refused with another method than the proof's", async () => {
    const event = await eventWith({ claims: { htm: "POST" } });
    expect(outcomeOf(await world.authorizer.invoke(event))).toBe("dpop_method_mismatch");
  });
});

test.skipIf(missing)("of many requests with one proof at once, to two instances, one is allowed", async () => {
  for (let round = 0; round < 3; round++) {
    const event = await eventWith();
    const instances = [world.authorizer, second, world.authorizer, second, second, world.authorizer];
    const outcomes = (await Promise.all(instances.map((each) => each.invoke(event)))).map(outcomeOf);
    expect(outcomes.sort()).toEqual(["allow", ...Array(5).fill("dpop_proof_replayed")]);
  }
});
