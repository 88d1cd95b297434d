import { createSecretKey, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { generateApiKey } from "../../../providers/api-key/format.ts";
import { hashApiKey } from "../../../providers/api-key/hash.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { KeyReading } from "../../../providers/api-key/store.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { fakeClocks, moveWallClock, pass } from "../../shared/infrastructure/remote/clocks.ts";

/** What the provider remembers of ids that the table does not have, and when it must ask again. */

const pepper = randomBytes(32).toString("hex");
beforeEach(() => {
  fakeClocks();
  vi.stubEnv("TEST_PEPPER_UNKNOWN", pepper);
});
afterEach(() => void vi.useRealTimers());

const recordOf = ({ id, text }: { id: string; text: string }): KeyRecord => ({
  ...{ id, name: "Partner", pepper: "p1", environment: "live", status: "active", createdAt: NOW },
  ...{ scopes: [], roles: [], attributes: {}, hash: hashApiKey(text, createSecretKey(Buffer.from(pepper))) },
});

/** A provider, and the ids that it asked the table for. */
function watched(answer?: () => Promise<KeyReading>) {
  const { apiKeys } = configOf({
    apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "TEST_PEPPER_UNKNOWN" } }] },
  });
  if (!apiKeys) throw new Error("no section");
  const records = new Map<string, KeyRecord>();
  const asked: string[] = [];
  const get = async (id: string): Promise<KeyReading> => {
    asked.push(id);
    if (answer) return answer();
    const [readAt, record] = [instantNow(), records.get(id)];
    return { readAt, ...(record && { record }) };
  };
  const store = { get };
  const provider = apiKeyProvider(apiKeys, { openStore: async () => store });
  const { signal } = new AbortController();
  return {
    ...{ records, asked },
    verify: async (value: string) => {
      const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
      const verdict = await provider.verify(credential, requestFor("GET", "/a"), signal);
      return "reason" in verdict ? verdict.reason : verdict.status;
    },
  };
}

describe("an id that the table does not have", () => {
  test("is asked for once in a second, however often it is presented", async () => {
    const { verify, asked } = watched();
    const key = generateApiKey("sp", "live");
    for (const _ of Array.from({ length: 20 })) expect(await verify(key.text)).toBe("key_unknown");
    await pass(999);
    expect(await verify(key.text)).toBe("key_unknown");
    expect(asked).toEqual([key.id]);
  });

  test("is asked for again after a second, so that a key issued a moment ago works then", async () => {
    const { verify, asked, records } = watched();
    const key = generateApiKey("sp", "live");
    expect(await verify(key.text)).toBe("key_unknown");
    records.set(key.id, recordOf(key));
    await pass(1000);
    expect(await verify(key.text)).toBe("authenticated");
    expect(asked).toHaveLength(2);
  });

  test("is asked for again if the second passed while the table answered, since the key may have been issued then", async () => {
    const slow = watched(async () => {
      const readAt = instantNow();
      await pass(1000);
      return { readAt };
    });
    const key = generateApiKey("sp", "live");
    for (const _ of ["first", "second"]) expect(await slow.verify(key.text)).toBe("key_unknown");
    expect(slow.asked).toHaveLength(2);
  });

  test("is asked for again after a process was frozen", async () => {
    const { verify, asked } = watched();
    const key = generateApiKey("sp", "live");
    await verify(key.text);
    moveWallClock(1000);
    await verify(key.text);
    expect(asked).toHaveLength(2);
  });

  test("says nothing about another id", async () => {
    const { verify, records } = watched();
    const [unknown, known] = [generateApiKey("sp", "live"), generateApiKey("sp", "live")];
    records.set(known.id, recordOf(known));
    expect(await verify(unknown.text)).toBe("key_unknown");
    expect(await verify(known.text)).toBe("authenticated");
  });

  test("makes room for 1,024 others: a flood of made-up keys fills no memory", async () => {
    const { verify, asked } = watched();
    const keys = Array.from({ length: 1025 }, () => generateApiKey("sp", "live"));
    for (const { text } of keys) await verify(text);
    await verify(keys.at(-1)?.text ?? "");
    expect(asked).toHaveLength(1025);
    await verify(keys[0]?.text ?? "");
    expect(asked).toHaveLength(1026);
  });
});

test("a key that exists is asked for each time: nothing else is remembered", async () => {
  const { verify, asked, records } = watched();
  const key = generateApiKey("sp", "live");
  records.set(key.id, recordOf(key));
  expect(await verify(key.text)).toBe("authenticated");
  records.set(key.id, { ...recordOf(key), status: "revoked" });
  expect(await verify(key.text)).toBe("key_revoked");
  expect(asked).toHaveLength(2);
});

test("trouble is not remembered as an unknown key", async () => {
  let isDown = true;
  const { verify } = watched(async () => {
    if (isDown) throw new TroubleError("key_store_unavailable");
    return { readAt: instantNow(), record: recordOf(key) };
  });
  const key = generateApiKey("sp", "live");
  expect(await verify(key.text)).toBe("key_store_unavailable");
  isDown = false;
  expect(await verify(key.text)).toBe("authenticated");
});
