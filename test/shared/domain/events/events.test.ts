import { readdir, readFile } from "node:fs/promises";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { instantOf } from "../../../../shared/domain/events/common.ts";
import { eventKey } from "../../../../shared/domain/events/event-key.ts";
import { EVENTS, type EventName } from "../../../../shared/domain/events/events.ts";

const page = await readFile("docs/events.md", "utf8");
const examples = [
  ...page.slice(page.indexOf("## Changes of keys")).matchAll(/^### (\w+)\n\n[^`].+?```json\n(.+?)```/gms),
].map(([, name = "", json = ""]) => [name, JSON.parse(json) as Record<string, unknown>] as const);

test("docs/events.md has an example of every event, and of no other", () => {
  expect(examples.map(([name]) => name)).toEqual(Object.keys(EVENTS));
});

test.each(examples)(
  "the example of %s in docs/events.md has the members of the schema and no others",
  (name, detail) => {
    const parsed = v.parse(EVENTS[name as EventName], detail);
    // The schemas drop what they do not know.
    expect(parsed).toEqual(detail);
    expect(detail.id).toMatch(new RegExp(`:${name}(:|$)`));
  },
);

test("the ids of the examples about changes name key, version, event and change", () => {
  for (const [name, { id, key }] of examples.slice(0, 7)) {
    const { id: keyId, version } = v.parse(eventKey, key);
    expect(id).toMatch(new RegExp(`^${keyId}:${version}:${name}:[0-9a-f]{12}$`));
  }
});

test("docs/events.md lists the members of detail.key", () => {
  const row = page.split("\n").find((line) => line.startsWith("| `key` |")) ?? "";
  for (const name of Object.keys(eventKey.entries).filter((each) => !/(At|Until|By|incomplete)$/.test(each)))
    expect(row).toMatch(new RegExp(`\\b${name}\\b`));
});

describe("the JSON Schemas", () => {
  test("are there for every event, and for no other", async () => {
    const files = await readdir("schema/events");
    expect(files.sort()).toEqual(
      Object.keys(EVENTS)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  test("allow members that are added later", async () => {
    for (const name of Object.keys(EVENTS))
      expect(await readFile(`schema/events/${name}.json`, "utf8")).not.toContain('additionalProperties": false');
  });
});

test.each([
  [0, "1970-01-01T00:00:00Z"],
  [1_772_445_600.9, "2026-03-02T10:00:00Z"],
  [253_402_300_799, "9999-12-31T23:59:59Z"],
])("the second %d is the instant %s", (seconds, text) => expect(instantOf(seconds)).toBe(text));
