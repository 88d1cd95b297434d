import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createHandlerFor } from "../../../functions/authorizer/create-handler.ts";
import { openAuthority } from "../../../functions/authorizer/open-authority.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { logger, metrics } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { AUDIENCE, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import { type Reply, type StandIn, startStandIn } from "../../shared/infrastructure/secret/aws-stand-in.ts";
import { lambdaContext } from "./lambda-context.ts";

/** The handler with a configuration in SSM or AppConfig, read through the AWS SDK from a stand-in. */

const key = rsaKey();
const configWith = (path: string): SallyportConfig => ({
  jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: { jwks: { keys: [key.jwk as { kty: string }] } } }] },
  routes: [{ name: "rule", methods: ["GET"], paths: [path] }],
});

let standIn: StandIn;
let reply: Reply;
let token: string | undefined;
beforeAll(async () => {
  standIn = await startStandIn(({ operation }) => {
    if (operation === "POST /configurationsessions") return { body: { InitialConfigurationToken: "t0" } };
    return reply;
  });
  process.env.AWS_ENDPOINT_URL_SSM = standIn.endpoint;
  process.env.AWS_ENDPOINT_URL_APPCONFIGDATA = standIn.endpoint;
});
afterAll(() => standIn.close());

/** Seconds by which this process's monotonic clock is ahead. */
let later = 0;
const now = performance.now.bind(performance);
const [info, error] = [vi.spyOn(logger, "info"), vi.spyOn(logger, "error")];
const metric = { addMetric: vi.fn() };
beforeEach(() => {
  later = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now() + later * 1000);
  vi.spyOn(metrics, "publishStoredMetrics").mockImplementation(() => {
    metrics.clearMetrics();
    return metrics;
  });
  vi.spyOn(metrics, "singleMetric").mockReturnValue(metric as never);
  info.mockImplementation(() => {});
  error.mockImplementation(() => {});
  const seconds = Math.floor(Date.now() / 1000);
  token = mint(key, { iss: ISSUER, aud: AUDIENCE, sub: "alice", iat: seconds, exp: seconds + 600 });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.clearAllMocks();
});

const ssm = (text: string) => {
  reply = { body: { Parameter: { Value: text } } };
};

async function handlerFrom(location: string, maxAge?: string) {
  vi.stubEnv("SALLYPORT_CONFIG", location);
  if (maxAge !== undefined) vi.stubEnv("SALLYPORT_CONFIG_MAX_AGE", maxAge);
  const handler = createHandlerFor(await openAuthority({ routes: [] }));
  /** What the handler says of a path. */
  return async (path: string) => {
    const time = Math.floor(Date.now() / 1000);
    const headers = { Authorization: `Bearer ${token}` };
    const request = { method: "GET", path, resource: path, stage: "prod", address: "192.0.2.1", time, headers };
    const { context } = (await handler(requestEvent(request), lambdaContext())) as { context: { reason?: string } };
    return context.reason === undefined ? "allowed" : "denied";
  };
}

describe("a configuration in SSM", () => {
  test("that is changed decides from the first request a minute later", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config");
    expect(await ask("/old")).toBe("allowed");
    ssm(JSON.stringify(configWith("/new")));
    later = 59;
    expect(await ask("/old")).toBe("allowed");
    later = 60;
    expect([await ask("/old"), await ask("/new")]).toEqual(["denied", "allowed"]);
    expect(info).toHaveBeenCalledWith("configuration", { configuration: "changed" });
    expect(metric.addMetric.mock.calls).toEqual([["ConfigurationChanged", "Count", 1]]);
  });

  test("that has mistakes is refused, counted and logged without a value, and the one before it serves on", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config");
    ssm(JSON.stringify({ ...configWith("/new"), apiKeys: { table: "t", peppers: [{ id: "p1", secret: "hunter2" }] } }));
    later = 60;
    expect([await ask("/old"), await ask("/new")]).toEqual(["allowed", "denied"]);
    const [, fields] = error.mock.calls[0] ?? [];
    expect(fields).toEqual({
      configuration: "refused",
      mistakes: [expect.stringContaining("apiKeys.peppers[0].secret: found a string")],
    });
    expect(JSON.stringify(error.mock.calls)).not.toContain("hunter2");
    expect(metric.addMetric.mock.calls).toEqual([["ConfigurationRefused", "Count", 1]]);
  });

  test("that leaves no provider is refused as well", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config");
    ssm(JSON.stringify({ routes: configWith("/new").routes }));
    later = 60;
    expect(await ask("/old")).toBe("allowed");
    expect(error).toHaveBeenCalledWith("configuration", expect.objectContaining({ configuration: "refused" }));
  });

  test("that cannot be read serves on, and the class of the error is logged", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config");
    reply = { status: 400, body: { __type: "AccessDeniedException", message: "hunter2" } };
    later = 60;
    expect(await ask("/old")).toBe("allowed");
    expect(error).toHaveBeenCalledWith("configuration", {
      configuration: "unreadable",
      cause: expect.stringContaining("AccessDeniedException"),
    });
    expect(metric.addMetric.mock.calls).toEqual([["ConfigurationUnreadable", "Count", 1]]);
  });

  test("is not read again where SALLYPORT_CONFIG_MAX_AGE is 0", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config", "0");
    ssm(JSON.stringify(configWith("/new")));
    later = 86_400;
    expect(await ask("/old")).toBe("allowed");
  });

  test("is read again as often as SALLYPORT_CONFIG_MAX_AGE says", async () => {
    ssm(JSON.stringify(configWith("/old")));
    const ask = await handlerFrom("ssm:/config", "15");
    ssm(JSON.stringify(configWith("/new")));
    later = 15;
    expect(await ask("/new")).toBe("allowed");
  });

  test("with a mistake stops the start", async () => {
    ssm("{");
    await expect(handlerFrom("ssm:/config")).rejects.toThrow("text that is not JSON");
  });
});

test("a profile in AppConfig is asked in one session, and an empty answer means that nothing has changed", async () => {
  const headers = { "Next-Poll-Configuration-Token": "t1" };
  reply = { headers, body: JSON.stringify(configWith("/old")) };
  const before = standIn.calls.length;
  const ask = await handlerFrom("appconfig:shop/prod/sallyport");
  reply = { headers, body: "" };
  later = 60;
  expect(await ask("/old")).toBe("allowed");
  expect(error).not.toHaveBeenCalled();
  reply = { headers, body: JSON.stringify(configWith("/new")) };
  later = 120;
  expect(await ask("/new")).toBe("allowed");
  expect(standIn.calls.slice(before).map(({ operation }) => operation)).toEqual([
    "POST /configurationsessions",
    "GET /configuration?configuration_token=t0",
    "GET /configuration?configuration_token=t1",
    "GET /configuration?configuration_token=t1",
  ]);
});
