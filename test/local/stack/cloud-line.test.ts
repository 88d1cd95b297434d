import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import { cloudLine } from "../../../local/stack/cloud-line.ts";
import { eventFile } from "../../../local/stack/event-file.ts";
import { generateApiKey } from "../../../providers/api-key/format.ts";

/** What `npm start` prints about what happens around the functions. */

const time = new Date(2026, 10, 21, 14, 5, 9).getTime();
/** No terminal, so that nothing is coloured. */
const stream = new PassThrough();
const EVENT = { kind: "event", time, bus: "local-keys", source: "sallyport", detailType: "KeyRevoked" } as const;

test.each<[string, CloudRecord, string]>([
  [
    "an event with the members of its detail and its rules",
    {
      ...EVENT,
      detail: {
        id: "0123:2:KeyRevoked",
        schemaVersion: 1,
        key: { id: "0123", version: 2 },
        by: "alice",
        changed: ["status"],
      },
      rules: ["Mail", "Usage"],
    },
    "14:05:09 event               KeyRevoked           local-keys key.id=0123 by=alice key.version=2 changed.0=status rules: Mail, Usage",
  ],
  [
    "an event that no rule matches",
    { ...EVENT, detail: {}, rules: [] },
    "14:05:09 event               KeyRevoked           local-keys no rule",
  ],
  ["a flush", { kind: "flush", time, api: "RestApi", stage: "prod" }, "14:05:09 flush               RestApi prod"],
  [
    "a delivery that failed",
    { kind: "failure", time, function: "KeyEvents", from: "KeyEvents.Stream", error: "no bus" },
    "14:05:09 failed              KeyEvents from KeyEvents.Stream no bus",
  ],
  [
    "what was given up, and where it is",
    { kind: "given up", time, from: "Commands", count: 2, reason: "received 30 times", kept: "DeadLetters" },
    "14:05:09 given up            2 of Commands: received 30 times kept in DeadLetters",
  ],
])("one line for %s", (_, record, line) => {
  expect(cloudLine(record, stream)).toBe(line);
});

test("the secret of a whole key in a command is not shown", () => {
  const key = generateApiKey("sp", "live");
  const secret = key.text.slice(key.text.lastIndexOf("_") + 1);
  const line = cloudLine(
    { ...EVENT, detailType: "RevokeKey", detail: { key: key.text, reason: "x" }, rules: [] },
    stream,
  );
  expect(line).toContain(`key=sp_live_${key.id}_…`);
  const failed = cloudLine({ kind: "failure", time, function: "F", from: "Q", error: `bad ${key.text}` }, stream);
  for (const text of [line, failed]) expect(text).not.toContain(secret.slice(0, 20));
});

test("what tells most of an event comes first: which key, whose, what is new", () => {
  const key = {
    id: "0123",
    version: 3,
    status: "active",
    environment: "live",
    name: "n".repeat(120),
    owner: "o",
    tenant: "t",
  };
  const soon = { id: "x", schemaVersion: 1, time: "t", key, withinDays: 3 };
  expect(cloudLine({ ...EVENT, detailType: "KeyExpiringSoon", detail: soon, rules: [] }, stream)).toContain(
    "local-keys key.id=0123 key.owner=o key.tenant=t withinDays=3 key.status=active",
  );
  const rotated = { key: { ...key, previousSecretUntil: "2026-11-23T08:00:00Z" }, by: "alice" };
  expect(cloudLine({ ...EVENT, detail: rotated, rules: [] }, stream)).toContain(
    "by=alice key.previousSecretUntil=2026-11-23T08:00:00Z",
  );
});

test("the file of events has each whole, as a line of JSON, for this user alone and without secrets", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-events-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "events.jsonl");
  const write = eventFile(file);
  const key = generateApiKey("sp", "live");
  write({ ...EVENT, detail: { key: { id: "0123", changed: ["a"] } }, rules: ["Mail"] });
  write({ kind: "flush", time, api: "RestApi", stage: "prod" });
  write({ ...EVENT, detailType: "RevokeKey", detail: { key: key.text }, rules: [] });
  const text = await readFile(file, "utf8");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      ...{ time: new Date(time).toISOString(), bus: "local-keys", source: "sallyport", "detail-type": "KeyRevoked" },
      ...{ detail: { key: { id: "0123", changed: ["a"] } }, rules: ["Mail"] },
    },
    expect.objectContaining({ detail: { key: `sp_live_${key.id}_…` } }),
  ]);
});

test("the reason of a message among dead letters, which anybody may send there, does not move the cursor", () => {
  const line = cloudLine({ kind: "given up", time, from: "Commands", count: 1, reason: "\u001b[2Jforged" }, stream);
  expect(line).toContain(String.raw`"\u001b[2Jforged"`);
  expect(line).not.toMatch(/\p{Cc}/u);
});

test("texts of others do not move the cursor, and a long detail is cut", () => {
  const detail = { why: "\u001b[2J\nforged", long: "a".repeat(200), by: "alice" };
  const line = cloudLine({ ...EVENT, detailType: "Key\u0007", detail, rules: [] }, stream);
  expect(line).toContain(String.raw`why="\u001b[2J\nforged"`);
  expect(line).toContain(String.raw`"Key\u0007"`);
  expect(line).toContain("…");
  expect(line).not.toContain("aaaa");
  expect(line).not.toMatch(/\p{Cc}/u);
});
