import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { generateApiKey } from "../../../../providers/api-key/format.ts";
import { eventKeyOf } from "../../../../providers/api-key/management/event-key.ts";
import { keyOptions } from "../../../../providers/api-key/management/issue.ts";
import { holdsKey, redacted, withoutKeys } from "../../../../providers/api-key/management/key-in-text.ts";
import { keyUpdate } from "../../../../providers/api-key/management/update.ts";
import { RECORD } from "../../../functions/key-events/stream-record.ts";

const { text: KEY, id: ID } = generateApiKey("sp", "live");
const SECRET = KEY.slice(`sp_live_${ID}_`.length);
const at = (place: number, foreign: string) => `${KEY.slice(0, place)}${foreign}${KEY.slice(place)}`;
const percent = (text: string) => [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join("");

/** Whether twelve characters of the secret that stand together are in a text. */
const leaks = (text: string) =>
  [...SECRET].some((_, place) => place <= SECRET.length - 12 && text.includes(SECRET.slice(place, place + 12)));

const HIDDEN: readonly (readonly [string, string])[] = [
  ["whole", KEY],
  ["within a sentence", `found ${KEY}, in a repository`],
  ["without its last characters", KEY.slice(0, -20)],
  ["with a dash in its secret", at(50, "-")],
  ["with an ellipsis in its secret", at(40, "...")],
  ["with a character without width in its secret", at(60, "\u200b")],
  ["with two foreign characters in its secret", `${at(60, "*").slice(0, 40)}+${at(60, "*").slice(40)}`],
  ["with its underscores percent-encoded", KEY.replaceAll("_", "%5F")],
  ["percent-encoded as a whole", percent(KEY)],
  ["percent-encoded twice", percent(KEY).replaceAll("%", "%25")],
  ["in the escapes of JSON", KEY.replaceAll("_", "\\u005f")],
  ["within a URL", `https://example.com/?key=${KEY.replaceAll("_", "%5f")}&a=1`],
];

describe("a key in a text", () => {
  test.each(HIDDEN)("is found and cut out: %s", (_, text) => {
    expect(holdsKey(text)).toBe(true);
    for (const cut of [withoutKeys(text), redacted(text)]) {
      expect(leaks(cut)).toBe(false);
      expect(cut).toContain(`sp_live_${ID}_…`);
      expect(cut.length).toBeLessThan(text.length);
      expect(withoutKeys(cut)).toBe(cut);
    }
  });

  test("that a space breaks is cut out on both sides of it", () => {
    const text = `key: ${at(50, " ")} is Bob's`;
    expect(leaks(redacted(text))).toBe(false);
    expect(redacted(text)).toMatch(/ is Bob's$/);
  });

  test("without its prefix is cut out of reasons, also if other characters break it", () => {
    expect(redacted(`secret ${SECRET} leaked`)).toBe("secret … leaked");
    const pieces = ["Ab1defghijKL", "mnopQRstuv23", "wxyzABcdEF45", "ghijKLmnop67"];
    expect(redacted(`secret ${pieces.join("-")} leaked`)).toBe("secret … leaked");
  });

  test("is found in linear time", () => {
    const long = `${"a".repeat(100_000)}${"aB1-".repeat(20_000)}${"%41".repeat(20_000)}sp_live_`;
    expect(holdsKey(long)).toBe(false);
    expect(redacted(long).length).toBeLessThan(long.length);
  });
});

test.each([
  "Partner Inc, contract 4711",
  `the key sp_live_${ID}`,
  `sp_live_${ID}_old, replaced`,
  "https://git.example.com/Example/repository/-/issues/1234?tab=all%20open",
  "9f86d081884c7d65",
  "alice|auth0-5f7c8ec7c33c6c004bbafe82",
  "100 % sure",
])("%j holds no key", (text) => {
  expect([holdsKey(text), redacted(text).replace("…", "old")]).toEqual([false, text]);
});

describe.each([
  ["issue", keyOptions, { name: "n" }],
  ["update", keyUpdate, {}],
] as const)("the fields of an %s", (_, schema, sound) => {
  test.each<[string, object]>([
    ["name", { name: KEY }],
    ["owner", { owner: `team ${KEY}` }],
    ["subject", { subject: KEY }],
    ["tenant", { tenant: KEY.replaceAll("_", "%5F") }],
    ["scopes", { scopes: ["a", KEY] }],
    ["roles", { roles: [at(50, "-")] }],
    ["attributes", { attributes: { plan: `gold ${KEY}` } }],
    ["metadata", { metadata: { note: KEY } }],
  ])("refuse a key in %s, and do not repeat it", (field, given) => {
    const result = v.safeParse(schema, { ...sound, ...given });
    expect(result.issues?.map(({ path }) => path?.[0]?.key)).toEqual([field]);
    const messages = JSON.stringify(result.issues?.map(({ message }) => message));
    expect(messages).toContain("without an API key in");
    expect(leaks(messages)).toBe(false);
  });
});

test("no event has a key that an older record has in a text", () => {
  const record = { ...RECORD, name: KEY, owner: KEY, createdBy: KEY, metadata: { note: at(50, "-") } };
  expect(leaks(JSON.stringify(eventKeyOf(record)))).toBe(false);
});
