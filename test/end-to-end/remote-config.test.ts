import { afterAll, beforeAll, expect, test } from "vitest";
import type { FunctionHost } from "../../local/hosts/host.ts";
import { thread } from "../../local/hosts/thread.ts";
import { eventFor, SCENARIOS } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import { type StandIn, startStandIn } from "../shared/infrastructure/secret/aws-stand-in.ts";

/** The ready bundle with a remote configuration, as a stack without a clone of this project deploys it. */

let world: World;
let standIn: StandIn;
beforeAll(async () => {
  world = await startWorld();
  const config = JSON.stringify(world.config);
  standIn = await startStandIn(({ operation }) => {
    if (operation === "AmazonSSM.GetParameter") return { body: { Parameter: { Value: config } } };
    return { body: operation.startsWith("POST") ? { InitialConfigurationToken: "token" } : config };
  });
});
afterAll(() => Promise.all([world.close(), standIn.close()]));

test.each(["ssm:/sallyport/config", "appconfig:shop/prod/sallyport"])(
  "reads the configuration from %s at start",
  async (source) => {
    const started: FunctionHost = await thread.start(world.config, {
      SALLYPORT_CONFIG: source,
      AWS_ENDPOINT_URL_SSM: standIn.endpoint,
      AWS_ENDPOINT_URL_APPCONFIGDATA: standIn.endpoint,
    });
    const before = standIn.calls.length;
    const time = Math.floor(Date.now() / 1000);
    const [scenario] = SCENARIOS.filter(({ kind }) => kind === "jwt");
    if (!scenario) throw new Error("no scenario");
    const event = await eventFor(scenario, world.issuersAt(time), time);
    expect((await started.invoke(event)).result).toMatchObject({ context: { subject: "alice" } });
    expect((await started.invoke(event)).result).toBeDefined();
    expect(before).toBeGreaterThan(0);
    expect(standIn.calls.length).toBe(before);
    await started.close();
  },
);

test("does not start with a configuration without a provider", async () => {
  const { jwt: _, saml: __, apiKeys: ___, ...rest } = world.config;
  await expect(thread.start(rest, {})).rejects.toThrow("without a provider nobody can call");
});

test("assumes a cache unless the environment says none, and a wrong value stops the start", async () => {
  expect(world.config.credentials).toBeUndefined();
  const time = Math.floor(Date.now() / 1000);
  const [scenario] = SCENARIOS.filter(({ kind }) => kind === "partner-user");
  if (!scenario) throw new Error("no scenario");
  const event = await eventFor(scenario, world.issuersAt(time), time);
  const reasonIn = async (environment: Record<string, string>) => {
    const source = { SALLYPORT_CONFIG: "ssm:/sallyport/config", AWS_ENDPOINT_URL_SSM: standIn.endpoint };
    const started = await thread.start(world.config, { ...source, ...environment });
    const { log } = await started.invoke(event);
    await started.close();
    return log.find((line) => "outcome" in line && "message" in line)?.reason;
  };
  expect(await reasonIn({})).toBe("credential_misplaced");
  expect(await reasonIn({ SALLYPORT_CACHED_BY: "authorization,x-api-key" })).toBeUndefined();
  expect(await reasonIn({ SALLYPORT_CACHED_BY: "none" })).toBeUndefined();
  await expect(reasonIn({ SALLYPORT_CACHED_BY: "" })).rejects.toThrow("SALLYPORT_CACHED_BY: found");
});
