import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import { cloudLine } from "../../../local/stack/cloud-line.ts";
import { requestLine } from "../../../local/stack/request-line.ts";
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
    "14:05:09 event               KeyRevoked           local-keys by=alice key.id=0123 key.version=2 changed.0=status rules: Mail, Usage",
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
  const request = { time, api: "A", by: "b", duration: 1, method: "GET", outcome: "allow", status: 200 } as const;
  const asked = requestLine({ ...request, path: `/keys/${key.text}` } as never, stream);
  for (const text of [line, failed, asked]) expect(text).not.toContain(secret.slice(0, 20));
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
