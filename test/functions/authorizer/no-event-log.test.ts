import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { requestEvent } from "../../../local/events/rest.ts";
import { createProviders } from "../../../providers/registry.ts";
import { CACHED, configOf, NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../../providers/jwt/mint.ts";
import { lambdaContext } from "./lambda-context.ts";

/** Environment variables can make Powertools log whole events. An authorizer's events contain credentials. */

const key = rsaKey();
const BASIC = Buffer.from("alice:correct horse").toString("base64");
const eventWith = (authorization: string) =>
  requestEvent({
    ...{ method: "GET", path: "/whoami", resource: "/whoami", stage: "prod", address: "192.0.2.1", time: NOW },
    headers: { Authorization: authorization, Cookie: "session=hunter2" },
  });

let output: string;
beforeEach(() => {
  output = "";
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  const keep = (...chunks: unknown[]) => {
    output += chunks.map((chunk) => (typeof chunk === "string" ? chunk : JSON.stringify(chunk))).join(" ");
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(keep as never);
  for (const name of ["log", "debug", "info", "warn", "error", "trace"] as const) {
    vi.spyOn(console, name).mockImplementation(keep as never);
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The output of the function when it is loaded and invoked with these environment variables. */
async function outputWith(environment: Record<string, string>, authorization: string): Promise<string> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { createHandler } = await import("../../../functions/authorizer/create-handler.ts");
  const keys = { jwks: { keys: [key.jwk as { kty: string }] } };
  const config = configOf({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys }] } });
  await createHandler(
    config,
    createProviders(config),
    CACHED,
  )(eventWith(authorization), lambdaContext()).catch(() => {});
  return output;
}

describe("POWERTOOLS_LOGGER_LOG_EVENT logs no credential", () => {
  const LOG_EVENT = { POWERTOOLS_LOGGER_LOG_EVENT: "true" };
  test.each<[string, Record<string, string>]>([
    ["alone", LOG_EVENT],
    ["with POWERTOOLS_DEV", { ...LOG_EVENT, POWERTOOLS_DEV: "true" }],
    ["with the level DEBUG", { ...LOG_EVENT, POWERTOOLS_LOG_LEVEL: "DEBUG" }],
    ["with the level TRACE", { ...LOG_EVENT, POWERTOOLS_LOG_LEVEL: "TRACE", AWS_LAMBDA_LOG_LEVEL: "TRACE" }],
    ["with every line sampled", { ...LOG_EVENT, POWERTOOLS_LOGGER_SAMPLE_RATE: "1" }],
    [
      "with all of these",
      { ...LOG_EVENT, POWERTOOLS_DEV: "true", POWERTOOLS_LOG_LEVEL: "TRACE", POWERTOOLS_LOGGER_SAMPLE_RATE: "1" },
    ],
  ])("%s", async (_what, environment) => {
    const token = mint(key, claims({ email: "alice@example.com" }));
    for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`, `Basic ${BASIC}`]) {
      const written = await outputWith(environment, authorization);
      expect(written).toContain('"outcome"');
      for (const part of [...token.split("."), BASIC, "hunter2", "alice@example.com"]) {
        expect(written).not.toContain(part);
      }
    }
  });
});
