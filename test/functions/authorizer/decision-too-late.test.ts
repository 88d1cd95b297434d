import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { issueApiKey } from "../../../providers/api-key/management/issue.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { Provider } from "../../../providers/provider.ts";
import { authenticated, rejected, type Verdict } from "../../../providers/verdict.ts";
import { type Instant, instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { client, configOf, NOW, requestFor, user } from "../../fixtures.ts";
import {
  answer,
  CONSUMED,
  FAULTS,
  type Fault,
  startFaultyDatabase,
} from "../../shared/infrastructure/dynamodb/faulty-database.ts";
import { fakeClocks, moveWallClock, pass } from "../../shared/infrastructure/remote/clocks.ts";

/**
 * A revocation flushes API Gateway's cache twice, the second time two seconds after the first. What was read before the
 * revocation must not come into the cache after that.
 */

const TOO_LATE = { outcome: "unavailable", reason: "decision_too_late" };
const { signal } = new AbortController();
const credentialOf = (value: string) =>
  ({ scheme: "api-key", value, location: { in: "header", name: "x-api-key" } }) as const;

/** A provider for the credential of its own name. */
const provider = (name: string, verify: () => Promise<Verdict> | Verdict): Provider => ({
  name,
  recognises: ({ value }) => value === name,
  verify: async () => verify(),
});

function decide(providers: readonly Provider[], path = "/whoami") {
  const credentials = providers.map(({ name }) => credentialOf(name));
  const authorizer = { config: configOf(), providers };
  return authorize(requestFor("GET", path, { credentials }), authorizer, signal).then(({ decision }) => decision);
}

const read = (readAt: Instant): Verdict => ({ ...authenticated(client()), readAt });

describe("a decision", () => {
  beforeEach(() => void fakeClocks());
  afterEach(() => void vi.useRealTimers());

  test("is made within a second after the key was read, and is trouble a millisecond later", async () => {
    const readAt = instantNow();
    await pass(1000);
    expect(await decide([provider("key", () => read(readAt))])).toMatchObject({ outcome: "allow" });
    await pass(1);
    expect(await decide([provider("key", () => read(readAt))])).toEqual(TOO_LATE);
  });

  test("is trouble if either clock says that it is too late: a process may be frozen, and a clock set back", async () => {
    const frozen = instantNow();
    moveWallClock(1001);
    expect(await decide([provider("key", () => read(frozen))])).toEqual(TOO_LATE);
    const setBack = instantNow();
    moveWallClock(-3_600_000);
    await pass(1001);
    expect(await decide([provider("key", () => read(setBack))])).toEqual(TOO_LATE);
  });

  test("that denies is trouble too: its policy may allow other routes, and is cached", async () => {
    const readAt = instantNow();
    const denied = () => decide([provider("key", () => read(readAt))], "/secret");
    expect(await denied()).toMatchObject({ outcome: "deny" });
    await pass(1001);
    expect(await denied()).toEqual(TOO_LATE);
  });

  test("that refuses a credential stays what it is, since it allows nothing", async () => {
    const readAt = instantNow();
    await pass(1001);
    const providers = [provider("key", () => read(readAt)), provider("other", () => rejected("token_expired"))];
    expect(await decide(providers)).toEqual({ outcome: "unauthenticated", reason: "token_expired" });
  });

  test("that waits for another credential after the key was read is trouble", async () => {
    const slow = (milliseconds: number) =>
      decide([
        provider("key", () => read(instantNow())),
        provider("user", async () => {
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
          return authenticated(user());
        }),
      ]);
    const [inTime, late] = [slow(1000), slow(1001)];
    await pass(1001);
    expect(await inTime).toMatchObject({ outcome: "allow" });
    expect(await late).toEqual(TOO_LATE);
  });

  test("without anything that was read may take as long as it wants", async () => {
    await pass(100_000);
    expect(await decide([provider("user", () => authenticated(user()))])).toMatchObject({ outcome: "allow" });
  });
});

describe("a decision about an API key", () => {
  const environment = "TEST_PEPPER_LATE";
  let key: string;
  let record: KeyRecord;
  let now = 0;
  const config = configOf({ apiKeys: { table: "table", peppers: [{ id: "p1", secret: { environment } }] } });

  beforeEach(async () => {
    now = 0;
    vi.stubEnv(environment, randomBytes(32).toString("hex"));
    if (!config.apiKeys) throw new Error("no section");
    const table = { add: async () => {} };
    const change = { by: "test", time: NOW };
    ({ key, record } = await issueApiKey({ name: "Partner", scopes: ["read"] }, config.apiKeys, table, change));
    vi.spyOn(performance, "now").mockImplementation(() => now);
  });

  const found: Fault = (...given) => {
    const Item = { ...itemOf(record), hash: { B: Buffer.from(record.hash).toString("base64") } };
    answer({ ...CONSUMED, Item })(...given);
  };
  const delayed =
    (milliseconds: number, fault: Fault): Fault =>
    (...given) => {
      now += milliseconds;
      fault(...given);
    };

  async function decideAboutKey() {
    if (!config.apiKeys) throw new Error("no section");
    const request = requestFor("GET", "/whoami", { credentials: [credentialOf(key)] });
    const { decision } = await authorize(request, { config, providers: [apiKeyProvider(config.apiKeys)] }, signal);
    return decision;
  }

  test("is trouble if the table answered after more than a second", async () => {
    await startFaultyDatabase(delayed(1000, found));
    expect(await decideAboutKey()).toMatchObject({ outcome: "allow" });
    await startFaultyDatabase(delayed(1001, found));
    expect(await decideAboutKey()).toEqual(TOO_LATE);
  });

  test("counts from the attempt that was answered, and not from one before", async () => {
    await startFaultyDatabase(delayed(900, FAULTS["fails inside"] ?? (() => {})), delayed(900, found));
    expect(await decideAboutKey()).toMatchObject({ outcome: "allow" });
  });

  test("is made by a second reading if the first one became too old, and knows what changed meanwhile", async () => {
    const revoked: Fault = (...given) => {
      const Item = {
        ...itemOf({ ...record, status: "revoked" }),
        hash: { B: Buffer.from(record.hash).toString("base64") },
      };
      answer({ ...CONSUMED, Item })(...given);
    };
    const database = await startFaultyDatabase(delayed(1001, found), revoked);
    expect(await decideAboutKey()).toEqual({ outcome: "unauthenticated", reason: "key_revoked" });
    expect(database.inputs).toHaveLength(2);
  });
});
