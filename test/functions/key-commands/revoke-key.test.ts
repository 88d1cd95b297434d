import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_ATTEMPTS } from "../../../functions/key-commands/create-handler.ts";
import { generateApiKey, generateSecret } from "../../../providers/api-key/format.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import { rotateKey } from "../../../providers/api-key/management/rotate.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { commandEvent, keptQueues, send } from "./fixture.ts";

let table: KeyTableFixture;
let output: string[] = [];
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());
beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  output = [];
  for (const method of ["info", "warn", "error"] as const) {
    vi.spyOn(logger, method).mockImplementation((...args) => void output.push(JSON.stringify(args)));
  }
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const { signal } = new AbortController();
const read = async (id: string) => (await table.store.get(id, signal)).record;
const tools = () => ({ config: table.config, table: table.store });
const reason = "leaked in a repository";

describe("RevokeKey", () => {
  test("revokes a key by its id, in the name of the sender that EventBridge names", async () => {
    const { record } = await table.issue();
    const { queues, buried } = keptQueues();
    const body = commandEvent("RevokeKey", { key: record.id, reason, requester: "alice" });
    expect(await send(tools(), queues, [body])).toEqual([]);
    expect(await read(record.id)).toMatchObject({
      status: "revoked",
      revokedBy: "command:acme.offboarding/123456789012",
      revokeReason: "leaked in a repository (requested by alice)",
    });
    expect(buried).toEqual([]);
  });

  test("leaves a key in the name of its sender out of record and log", async () => {
    const { record, key } = await table.issue();
    const { queues } = keptQueues();
    const body = JSON.parse(commandEvent("RevokeKey", { key: record.id, reason })) as object;
    await send(tools(), queues, [JSON.stringify({ ...body, source: `found ${key}` })]);
    const { revokedBy, changedBy } = (await read(record.id)) ?? {};
    expect([revokedBy, changedBy]).toEqual(Array(2).fill(`command:found sp_live_${record.id}_…`));
    expect(output.join()).not.toContain(key);
  });

  test("changes nothing when it is delivered twice", async () => {
    const { record } = await table.issue();
    const { queues, buried } = keptQueues();
    const body = commandEvent("RevokeKey", { key: record.id, reason });
    await send(tools(), queues, [body]);
    const first = await read(record.id);
    expect(await send(tools(), queues, [body])).toEqual([]);
    expect(await read(record.id)).toEqual(first);
    expect(buried).toEqual([]);
  });

  test("revokes a whole key that is genuine, also by its secret of before while that is accepted", async () => {
    const { key, record } = await table.issue();
    await rotateKey(table.store, record.id, table.config, { by: "test", time: NOW });
    const { queues, buried } = keptQueues();
    await send(tools(), queues, [commandEvent("RevokeKey", { key, reason })]);
    expect(buried).toEqual([]);
    expect(await read(record.id)).toMatchObject({ status: "revoked" });
  });

  test("revokes a key whose record is damaged, by its id", async () => {
    const { record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const Item = { ...itemOf(record), unknown: { S: "x" } };
    await client.send(new PutItemCommand({ TableName: table.config.table, Item }));
    client.destroy();
    const { queues } = keptQueues();
    expect(await send(tools(), queues, [commandEvent("RevokeKey", { key: record.id, reason })])).toEqual([]);
    expect(output.join()).toContain('"revoked":1');
  });

  test("does not end a genuine key for one that somebody made up around its id", async () => {
    const { record } = await table.issue();
    const { text } = generateSecret("sp", "live", record.id);
    const { queues, buried } = keptQueues();
    expect(await send(tools(), queues, [commandEvent("RevokeKey", { key: text, reason })])).toEqual([]);
    expect(buried).toMatchObject([{ reason: "key_mismatch" }]);
    expect(await read(record.id)).toMatchObject({ status: "active" });
  });

  test("does not end a key for a secret that is refused already", async () => {
    const { key, record } = await table.issue();
    await rotateKey(table.store, record.id, table.config, { by: "test", time: NOW - 10 }, { grace: 5 });
    const { queues, buried } = keptQueues();
    await send(tools(), queues, [commandEvent("RevokeKey", { key, reason })]);
    expect(buried).toMatchObject([{ reason: "key_secret_replaced" }]);
    expect(await read(record.id)).toMatchObject({ status: "active" });
  });
});

describe("a wrong command ends among the dead letters, with its reason", () => {
  const { id, text } = generateApiKey("sp", "live");
  test.each<[string, string, string, string[]]>([
    ["no JSON", "RevokeKey", "command_unreadable", []],
    ["no event", "{}", "command_unreadable", []],
    ["no account", commandEvent("RevokeKey", { key: id, reason }, { account: "me" }), "command_unreadable", []],
    ["a source without end", commandEvent("RevokeKey", {}, { source: "x".repeat(201) }), "command_unreadable", []],
    ["another name", commandEvent("RevokeEverything", {}), "command_unknown", []],
    ["a name that objects have", commandEvent("constructor", {}), "command_unknown", []],
    ["no reason", commandEvent("RevokeKey", { key: id }), "command_invalid", ["reason"]],
    ["an owner in a list", commandEvent("RevokeKeysOfOwner", { owner: ["a"], reason }), "command_invalid", ["owner"]],
    ["no tenant", commandEvent("RevokeKeysOfTenant", { reason }), "command_invalid", ["tenant"]],
    ["an empty tenant", commandEvent("RevokeKeysOfTenant", { tenant: "", reason }), "command_invalid", ["tenant"]],
    ["a list", commandEvent("RevokeKey", [id]), "command_invalid", []],
    [
      "a field too many",
      commandEvent("RevokeKey", { key: id, reason, all: true }),
      "command_invalid",
      ["unknown field"],
    ],
    ["an id that is not there", commandEvent("RevokeKey", { key: id, reason }), "key_unknown", []],
    ["a whole key that is not there", commandEvent("RevokeKey", { key: text, reason }), "key_unknown", []],
    ["another text", commandEvent("RevokeKey", { key: "the key of alice", reason }), "key_malformed", []],
    [
      "a whole key with a typing error",
      commandEvent("RevokeKey", { key: text.replace(/.$/, (last) => (last === "0" ? "1" : "0")), reason }),
      "key_checksum_mismatch",
      [],
    ],
    [
      "a whole key of another environment",
      commandEvent("RevokeKey", { key: generateApiKey("sp", "test").text, reason }),
      "key_environment_mismatch",
      [],
    ],
  ])("%s", async (_what, body, expected, places) => {
    const { queues, buried } = keptQueues();
    // It has not failed: the queue does not deliver it again.
    expect(await send(tools(), queues, [body])).toEqual([]);
    expect(buried).toMatchObject([{ reason: expected }]);
    for (const place of places) expect(buried[0]?.mistakes.join()).toContain(place);
  });

  test("tells each mistake once, with its place", async () => {
    const { queues, buried } = keptQueues();
    const detail = { owner: "", all: true };
    await send(tools(), queues, [commandEvent("RevokeKeysOfOwner", detail)]);
    expect(buried[0]?.mistakes.toSorted()).toEqual([
      "detail.(unknown field): only known fields",
      "detail.owner: text of 1 to 256 characters without control characters",
      "detail.reason: a value: it is required",
    ]);
    await send(tools(), queues, [commandEvent("RevokeKey", "x")]);
    expect(buried[1]?.mistakes).toEqual(["detail: a value: it is required"]);
  });

  test("and does not hold up the others of its batch", async () => {
    const { record } = await table.issue();
    const { queues, buried } = keptQueues();
    await send(tools(), queues, ["no JSON", commandEvent("RevokeKey", { key: record.id, reason })]);
    expect(buried).toHaveLength(1);
    expect(await read(record.id)).toMatchObject({ status: "revoked" });
  });

  test("but not before the dead letters have it", async () => {
    const { queues } = keptQueues();
    const broken = { ...queues, bury: () => Promise.reject(new Error("no queue")) };
    expect(await send(tools(), broken, ["no JSON"])).toEqual(["0"]);
  });
});

describe("a whole key", () => {
  test("is in no log line, no dead letter and no record, wherever the sender wrote it", async () => {
    const { key, record } = await table.issue();
    const secret = key.slice(-49);
    const { queues, buried } = keptQueues();
    const made = generateSecret("sp", "live", record.id).text;
    await send(tools(), queues, [
      commandEvent("RevokeKey", { key: made, reason }),
      commandEvent("RevokeKey", { key: `Bearer ${key}`, reason }),
      commandEvent("RevokeKey", { [key]: key, reason }),
      commandEvent("RevokeKey", { key: key.slice(0, -10), reason }),
      commandEvent("RevokeKeysOfOwner", { owner: 5, reason: key }),
      commandEvent(key, {}),
      key,
      commandEvent("RevokeKey", { key: record.id, reason: `found ${key}` }),
    ]);
    expect(buried).toHaveLength(7);
    const found = [...output, JSON.stringify(buried), JSON.stringify(await read(record.id))].join("\n");
    for (const part of [secret, secret.slice(0, 39), made.slice(-49)]) expect(found).not.toContain(part);
    expect(await read(record.id)).toMatchObject({ revokeReason: expect.stringMatching(/^found sp_live_\w{16}_…$/) });
  });
});

describe("trouble", () => {
  const inTrouble = (): KeyTable => ({
    ...table.store,
    get: () => Promise.reject(new TroubleError("key_store_unavailable", new Error("secret text"))),
  });

  test("fails the message, so that the queue delivers it again", async () => {
    const { record } = await table.issue();
    const { queues, buried } = keptQueues();
    const body = commandEvent("RevokeKey", { key: record.id, reason });
    expect(await send({ ...tools(), table: inTrouble() }, queues, [body, "no JSON"])).toEqual(["0"]);
    expect(buried).toHaveLength(1);
    expect(output.join()).toContain('"cause":"TroubleError < Error"');
    expect(output.join()).not.toContain("secret text");
  });

  test("of the last attempt ends among the dead letters, with the message as it came", async () => {
    const { key } = await table.issue();
    const { queues, buried } = keptQueues();
    const body = commandEvent("RevokeKey", { key, reason });
    const attempt = MAX_ATTEMPTS;
    expect(await send({ ...tools(), table: inTrouble() }, queues, [body], { attempt })).toEqual([]);
    expect(buried).toEqual([{ body, reason: "trouble", mistakes: ["TroubleError < Error"] }]);
  });
});
