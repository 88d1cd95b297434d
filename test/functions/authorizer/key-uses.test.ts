import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/authorizer/create-handler.ts";
import { requestEvent } from "../../../local/events/rest.ts";
import { generateApiKey } from "../../../providers/api-key/format.ts";
import type { Provider } from "../../../providers/provider.ts";
import { authenticated, rejected, type Verdict } from "../../../providers/verdict.ts";
import { logger, metrics } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { client, configOf, NOW, UNCACHED, user } from "../../fixtures.ts";
import { lambdaContext } from "./lambda-context.ts";

/** What the log says of the use of API keys: `functions/key-use` makes the last use of each key of it. */

const HOUR = NOW - (NOW % 3600);
const idOf = () => generateApiKey("sp", "live").id;

const info = vi.spyOn(logger, "info").mockImplementation(() => {});
const error = vi.spyOn(logger, "error").mockImplementation(() => {});
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  vi.spyOn(metrics, "publishStoredMetrics").mockImplementation(() => {
    metrics.clearMetrics();
    return metrics;
  });
  return () => void vi.useRealTimers();
});
afterEach(() => {
  vi.clearAllMocks();
  vi.setSystemTime(NOW * 1000);
});

interface Line {
  readonly keyUses?: unknown;
  readonly credentials: { readonly keyId?: string }[];
}
const lines = () => [...info.mock.calls, ...error.mock.calls].map(([, line]) => line as unknown as Line);

/** The verdict of a key. Its rights are those of the caller of the other tests. */
const keyOf = (keyId: unknown): Verdict =>
  authenticated(client({ provider: "api-key", attributes: { keyId: keyId as string } }));

/** Sends a request whose credentials get these verdicts. */
async function send(verdicts: Record<string, Verdict>, { allowed = 1, path = "/whoami", name = "api-key" } = {}) {
  const own: Provider = {
    name,
    recognises: ({ value }) => value in verdicts,
    verify: async ({ value }) => verdicts[value] ?? rejected("key_unknown"),
  };
  const other: Provider = { ...own, name: "other", recognises: ({ value }) => value === "other" };
  const headers = {
    Authorization: Object.keys(verdicts)
      .map((value) => `Bearer ${value}`)
      .join(", "),
  };
  const event = requestEvent({
    ...{ method: "GET", path, resource: path, stage: "prod" },
    ...{ address: "192.0.2.1", time: NOW, headers },
  });
  const handler = createHandler(configOf({ log: { allowed } }), [other, own], UNCACHED);
  await handler(event, lambdaContext()).catch(() => {});
}

describe("the id of an API key in the line", () => {
  test("is there when the key was verified, whatever the outcome", async () => {
    const id = idOf();
    await send({ key: keyOf(id) });
    await send({ key: keyOf(id) }, { path: "/secret" });
    await send({ key: keyOf(id), other: rejected("token_expired") });
    expect(lines().map(({ credentials }) => credentials[0]?.keyId)).toEqual([id, id, id]);
  });

  test("is not there when the key was not verified: its caller may have made it up", async () => {
    await send({ key: rejected("key_mismatch") });
    expect(lines()[0]?.credentials).toHaveLength(1);
    expect(JSON.stringify(lines())).not.toContain("keyId");
    expect(lines()[0]).not.toHaveProperty("keyUses");
  });

  test.each([
    "alice@example.com",
    "",
    5,
    undefined,
    `${"a".repeat(16)}\n`,
    "a".repeat(17),
    generateApiKey("sp", "live").text,
  ])("is not there if it is not an id: %j", async (keyId) => {
    await send({ key: keyOf(keyId) });
    expect(JSON.stringify(lines())).not.toContain("keyId");
    expect(lines()[0]).not.toHaveProperty("keyUses");
  });

  test("is not there for another provider, whose attributes a caller may have chosen", async () => {
    await send({ key: authenticated(user({ attributes: { keyId: idOf() } })) }, { name: "own" });
    expect(JSON.stringify(lines())).not.toContain("keyId");
  });
});

describe("the first use of a key in an hour", () => {
  test("is marked once, until the next hour", async () => {
    const id = idOf();
    for (const _ of ["first", "second"]) await send({ key: keyOf(id) });
    vi.setSystemTime((HOUR + 3599) * 1000);
    await send({ key: keyOf(id) });
    vi.setSystemTime((HOUR + 3600) * 1000);
    for (const _ of ["first", "second"]) await send({ key: keyOf(id) });
    expect(lines().map(({ keyUses }) => keyUses)).toEqual([
      [{ keyId: id, hour: HOUR }],
      undefined,
      undefined,
      [{ keyId: id, hour: HOUR + 3600 }],
      undefined,
    ]);
  });

  test("has a line even if log.allowed leaves out all others, so that the last use stays right", async () => {
    const id = idOf();
    for (const _ of ["first", "second", "third"]) await send({ key: keyOf(id) }, { allowed: 0 });
    expect(lines().map(({ keyUses }) => keyUses)).toEqual([[{ keyId: id, hour: HOUR }]]);
  });

  test("is marked on a line that is no allow, and on that of trouble", async () => {
    const [denied, troubled] = [idOf(), idOf()];
    await send({ key: keyOf(denied) }, { path: "/secret" });
    await send({ key: keyOf(troubled), other: { status: "unavailable", reason: "key_set_unavailable" } });
    expect(lines().map(({ keyUses }) => keyUses)).toEqual([
      [{ keyId: denied, hour: HOUR }],
      [{ keyId: troubled, hour: HOUR }],
    ]);
  });

  test("is marked again if the line could not be written", async () => {
    const id = idOf();
    info.mockImplementationOnce(() => {
      throw new Error("broken pipe");
    });
    for (const _ of ["fails", "works"]) await send({ key: keyOf(id) }, { allowed: 0 });
    expect(lines().map(({ keyUses }) => keyUses)).toEqual([[{ keyId: id, hour: HOUR }], [{ keyId: id, hour: HOUR }]]);
  });

  test("is remembered of ten thousand keys: another one is marked twice, which is harmless", async () => {
    const { firstUses, rememberUses } = await import("../../../functions/authorizer/key-uses.ts");
    const [first = "", ...others] = Array.from({ length: 10_001 }, (_, index) => `K${String(index).padStart(15, "0")}`);
    const finding = (keyId: string) =>
      ({
        provider: "api-key",
        verdict: keyOf(keyId),
        credential: { scheme: "bearer", value: "", location: { in: "token", name: "" } },
      }) as const;
    rememberUses([first, ...others].map((keyId) => ({ keyId, hour: HOUR })));
    expect(firstUses([finding(others[0] ?? "")], NOW)).toEqual([]);
    expect(firstUses([finding(first)], NOW)).toEqual([{ keyId: first, hour: HOUR }]);
  });
});
