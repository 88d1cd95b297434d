import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readUses } from "../../../functions/key-use/read-uses.ts";
import { NOW } from "../../fixtures.ts";
import { lineOf, logEvent } from "./log-event.ts";

/** What the function reads of the authorizers' log, and what it leaves. */

const HOUR = NOW - (NOW % 3600);
const [A, B] = ["A".repeat(16), "B".repeat(16)];
const read = (...lines: (string | object)[]) => {
  const { uses, skipped } = readUses(logEvent(lines), NOW);
  return { uses: Object.fromEntries(uses), skipped };
};

test("the uses of each key are one span, whatever their order and however often they come", () => {
  const hours = [HOUR - 3600, HOUR, HOUR - 7200, HOUR - 3600];
  const lines = [...hours.map((hour) => lineOf({ keyId: A, hour })), lineOf({ keyId: B, hour: HOUR })];
  expect(read(...lines)).toEqual({
    uses: { [A]: { first: HOUR - 7200, last: HOUR }, [B]: { first: HOUR, last: HOUR } },
    skipped: 0,
  });
  expect(read(...lines.toReversed(), ...lines)).toEqual(read(...lines));
});

test("a line with two keys is a use of both", () => {
  expect(read(lineOf({ keyId: A, hour: HOUR }, { keyId: B, hour: HOUR })).uses).toHaveProperty(B);
});

test("lines without a use, and Lambda's own, are nothing to count", () => {
  const lines = [{ outcome: "allow" }, "REPORT RequestId: 1\tDuration: 3 ms", "", "[1]", "null"];
  expect(read(...lines)).toEqual({ uses: {}, skipped: 0 });
});

test("the message by which CloudWatch Logs tries a destination is nothing to count", () => {
  const event = logEvent(["CWL CONTROL MESSAGE: Checking health of destination Lambda."], {
    messageType: "CONTROL_MESSAGE",
  });
  expect(readUses(event, NOW)).toEqual({ uses: new Map(), skipped: 0 });
});

describe("is skipped and counted, and the rest is read:", () => {
  test.each<[string, unknown]>([
    ["no id", { hour: HOUR }],
    ["a whole key", { keyId: `sp_live_${A}_${"0".repeat(49)}`, hour: HOUR }],
    ["an id with a control character", { keyId: `${A}\n`, hour: HOUR }],
    ["an id of another item of the table", { keyId: "FLUSH", hour: HOUR }],
    ["an id that is no text", { keyId: [A], hour: HOUR }],
    ["no hour", { keyId: A }],
    ["a text for an hour", { keyId: A, hour: String(HOUR) }],
    ["a time within an hour", { keyId: A, hour: HOUR + 1 }],
    ["milliseconds", { keyId: A, hour: HOUR * 1000 }],
    ["an hour before the epoch", { keyId: A, hour: -3600 }],
    ["an hour of the future, which would hide all that follow", { keyId: A, hour: HOUR + 7200 }],
    ["no object", A],
    ["null", null],
  ])("%s", (_, use) => {
    expect(read({ keyUses: [use] }, lineOf({ keyId: B, hour: HOUR }))).toEqual({
      uses: { [B]: { first: HOUR, last: HOUR } },
      skipped: 1,
    });
  });

  test("uses that are no list", () => {
    expect(read({ keyUses: "none" }, { keyUses: null }).skipped).toBe(2);
  });
});

test("an hour that has just begun by another clock counts", () => {
  const lines = [lineOf({ keyId: A, hour: HOUR + 3600 })];
  expect(readUses(logEvent(lines), HOUR + 3300).uses.size).toBe(1);
  expect(readUses(logEvent(lines), HOUR + 3299)).toMatchObject({ skipped: 1 });
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["an event of another kind", { Records: [] }],
  ["no data", { awslogs: {} }],
  ["data that are no base64", { awslogs: { data: "%%%" } }],
  ["data that are no gzip", { awslogs: { data: Buffer.from("{}").toString("base64") } }],
  ["gzip that is cut off", { awslogs: { data: logEvent([lineOf()]).awslogs.data.slice(0, 40) } }],
  ["gzip of no JSON", { awslogs: { data: gzipSync("logs").toString("base64") } }],
  ["gzip of 100 MB", { awslogs: { data: gzipSync(Buffer.alloc(100_000_000)).toString("base64") } }],
  ["another message", logEvent([], { messageType: "OTHER" })],
  ["lines that are no list", logEvent([], { logEvents: { message: "x" } })],
])("%s is skipped as a whole, and counted once", (_, event) => {
  expect(readUses(event, NOW)).toEqual({ uses: new Map(), skipped: 1 });
});
