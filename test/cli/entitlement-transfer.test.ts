import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readRecord, recordLine } from "../../cli/entitlements/transfer/format.ts";
import { partitionKey } from "../../providers/entitlements/item.ts";
import { disable, enable, revokeToken, setEntitlements } from "../../providers/entitlements/management/entitlements.ts";
import { recordKey } from "../../providers/entitlements/record-key.ts";
import { configOf, NOW } from "../fixtures.ts";
import { anyEntitlement } from "../providers/entitlements/any-entitlement.ts";
import { ISSUER } from "../providers/entitlements/fixture.ts";
import {
  createEntitlementTableFixture,
  type EntitlementTableFixture,
} from "../providers/entitlements/table-fixture.ts";
import { inProcess } from "./in-process.ts";

/** `sallyport entitlements export` and `import`. */

let folder: string;
/** Its database is that of all tables here. */
let first: EntitlementTableFixture;
let from: EntitlementTableFixture;
let to: EntitlementTableFixture;
beforeAll(async () => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  folder = await mkdtemp(join(tmpdir(), "sallyport-entitlements-"));
  first = await createEntitlementTableFixture();
});
afterAll(async () => {
  vi.useRealTimers();
  await first.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  from = await createEntitlementTableFixture();
  to = await createEntitlementTableFixture();
  return async () => {
    await from.close();
    await to.close();
  };
});

const change = { by: "carol", reason: "moved", time: NOW };
let files = 0;
const fileName = () => join(folder, `entitlements-${files++}.jsonl`);
const subject = (name: string) => ({ kind: "subject", issuer: ISSUER, subject: name }) as const;

const run = ({ name }: EntitlementTableFixture, argv: string, input?: string) =>
  inProcess(["entitlements", ...argv.split(" ")], {
    config: async () => configOf({ entitlements: { table: name } }),
    ...(input !== undefined && { input }),
  });

/** Records of all kinds, as an export has them. */
async function exported(count = 3) {
  for (let n = 0; n < count; n++) {
    await setEntitlements(from.table, subject(`s${n}`), { roles: ["a"], scopes: ["b"], tenant: "acme" }, change);
  }
  await disable(from.table, { kind: "tenant", tenant: "acme" }, change);
  await revokeToken(from.table, { kind: "token", issuer: ISSUER, tokenId: "t" }, change, { expiresAt: NOW + 60 });
  const { code, stdout } = await run(from, "export");
  expect(code).toBe(0);
  return { text: stdout, lines: stdout.trimEnd().split("\n") };
}

async function written(lines: readonly string[]) {
  const file = fileName();
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

async function taken(file: string, options = "") {
  const outcome = await run(to, `import ${file} --json${options}`);
  return { ...outcome, report: JSON.parse(outcome.stdout) };
}

const all = async ({ table }: EntitlementTableFixture) => (await table.page({ all: true }, { limit: 1000 })).records;

async function damage({ endpoint, name }: EntitlementTableFixture, key: string) {
  const client = new DynamoDBClient({ endpoint });
  await client.send(new PutItemCommand({ TableName: name, Item: { ...partitionKey(key), kind: { S: "subject" } } }));
  client.destroy();
}

test("a line is read as the record that it was written from, but for the mark of its change", () => {
  fc.assert(
    fc.property(anyEntitlement, (record) => {
      const { changeId, ...read } = readRecord(recordLine(record));
      const { changeId: mark, ...before } = record;
      expect([read, changeId === mark]).toEqual([before, false]);
    }),
  );
});

describe("an export", () => {
  test("has a header, and each record in a line, and goes into a file for this user alone", async () => {
    const { lines, text } = await exported();
    expect(JSON.parse(lines[0] ?? "")).toEqual({ format: "sallyport-entitlements", version: 1 });
    expect(lines).toHaveLength(6);
    expect(text).not.toContain("changeId");
    const file = fileName();
    expect(await run(from, `export --file ${file}`)).toMatchObject({ code: 0, stderr: "5 records are exported.\n" });
    expect([await readFile(file, "utf8"), (await stat(file)).mode & 0o777]).toEqual([text, 0o600]);
    expect(await run(from, `export --file ${file}`)).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining("exists already") },
    });
  });

  test("that was interrupted, in the middle of a line, goes on behind the last whole one", async () => {
    const { text, lines } = await exported(5);
    const file = fileName();
    await writeFile(`${file}.part`, `${lines.slice(0, 3).join("\n")}\n${lines[3]?.slice(0, 40)}`);
    const { code, stderr } = await run(from, `export --file ${file}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Goes on after the 2 records")]);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("does not go on behind something else, unless it is to begin anew", async () => {
    const { text, lines } = await exported();
    const file = fileName();
    for (const other of ["something else\n", `${lines[0]}\n{"kind":"subject"}\n`]) {
      await writeFile(`${file}.part`, other);
      const { code, stderr } = await run(from, `export --file ${file}`);
      expect([code, stderr]).toEqual([1, expect.stringContaining("not of an interrupted export of this table")]);
    }
    expect(await run(from, `export --file ${file} --restart`)).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("names damaged records, which it leaves out", async () => {
    await exported();
    const key = recordKey(subject("broken"));
    await damage(from, key);
    const { code, stderr, stdout } = await run(from, "export");
    expect([code, stdout.trimEnd().split("\n").length]).toEqual([1, 6]);
    expect(stderr).toContain(`${key}: the record is damaged`);
  });
});

describe("an import", () => {
  test("takes everything into another table, with events of its own", async () => {
    const { lines } = await exported();
    expect(await taken(await written(lines))).toMatchObject({ code: 0, report: { added: 5, same: 0 } });
    const bare = (records: readonly object[]) => records.map((record) => ({ ...record, changeId: "" }));
    expect(bare(await all(to))).toEqual(expect.arrayContaining(bare(await all(from))));
    const marks = [...(await all(from)), ...(await all(to))].map((record) => Object(record).changeId);
    expect(new Set(marks).size).toBe(10);
  });

  test("that is repeated, or goes on where it stopped, finds what is there and counts it as done", async () => {
    const { lines } = await exported(20);
    expect((await taken(await written(lines.slice(0, 8)))).report).toMatchObject({ added: 7, same: 0 });
    const whole = await written(lines);
    expect((await taken(whole)).report).toMatchObject({ added: 15, same: 7, different: [], damaged: [] });
    expect(await taken(whole)).toMatchObject({ code: 0, report: { added: 0, same: 22 } });
  });

  test("ends no lockout that was made since the export, and takes no older rights", async () => {
    const { lines } = await exported();
    const file = await written(lines);
    await taken(file);
    const ref = subject("s1");
    const { record } = await disable(to.table, ref, { by: "dave", time: NOW + 60 });
    const { code, report, stderr } = await taken(file);
    expect([code, report.added, report.same]).toEqual([1, 0, 4]);
    expect(report.different).toEqual([
      { line: expect.any(Number), record: ref, fields: expect.arrayContaining(["disabledSince"]), newer: "table" },
    ]);
    expect(stderr).toMatch(/subject s1 of \S+ is in the table with another .+; the table's is not older\. It was left/);
    expect(await to.table.get(ref)).toEqual(record);
  });

  test("says that the file's record is newer, and leaves the older one too", async () => {
    await taken(await written((await exported()).lines));
    const ref = { kind: "tenant", tenant: "acme" } as const;
    await enable(from.table, ref, { by: "dave", time: NOW + 60 });
    const later = await written((await run(from, "export")).stdout.trimEnd().split("\n"));
    const { report } = await taken(later);
    expect(report.different).toMatchObject([{ record: ref, newer: "file" }]);
    expect(await to.table.get(ref)).toHaveProperty("disabledSince", NOW);
  });

  test("with --dry-run says what it would add, and changes nothing", async () => {
    const { lines } = await exported();
    const { code, report, stderr } = await taken(await written(lines), " --dry-run");
    expect([code, report.added, report.dryRun, await all(to)]).toEqual([0, 5, true, []]);
    expect(stderr).toContain("Would add 5, there already 0. Nothing was changed.");
  });

  test("leaves out tokens that have ended, which the table would delete again", async () => {
    const { lines } = await exported();
    vi.setSystemTime((NOW + 60 + 86_400) * 1000);
    const { code, report, stderr } = await taken(await written(lines));
    vi.setSystemTime(NOW * 1000);
    expect([code, report.added, report.ended]).toEqual([0, 4, 1]);
    expect(stderr).toContain("ended 1");
  });

  test("leaves a damaged record of the table as it is, and names it", async () => {
    const { lines } = await exported();
    await damage(to, recordKey(subject("s0")));
    const { code, report } = await taken(await written(lines));
    expect([code, report.added]).toEqual([1, 4]);
    expect(report.different).toMatchObject([{ record: subject("s0"), fields: ["record, a damaged one"] }]);
  });

  test("names damaged lines by line and field, counts them, and takes the others", async () => {
    const { lines } = await exported(1);
    const sound = JSON.parse(lines.find((line) => line.includes('"subject":"s0"')) ?? "");
    const damaged: [object | string, string, string][] = [
      ["{", "the line", "found a text of 1 characters, allowed is JSON"],
      ["[]", "the line", "found a list of 0"],
      [{ ...sound, scopes: ["a b"] }, "scopes[0]", 'found "a b", allowed is a scope'],
      [{ ...sound, version: undefined }, "version", "found nothing"],
      [{ ...sound, colour: "red" }, "colour", "found an unknown name"],
      [{ ...sound, disabledSince: NOW * 1000 }, "disabledSince", "found 17"],
      [{ ...sound, kind: "role" }, "kind", 'found "role"'],
      ["x".repeat(1024 * 1024 + 1), "the line", "more than a megabyte"],
    ];
    const texts = damaged.map(([line]) => (typeof line === "string" ? line : JSON.stringify(line)));
    const { code, report, stderr } = await taken(await written([lines[0] ?? "", ...texts, "", ...lines.slice(1)]));
    expect([code, report.added, report.damaged.length]).toEqual([1, 3, damaged.length]);
    for (const [index, [, field, message]] of damaged.entries()) {
      expect(report.damaged.find((each: { line: number }) => each.line === index + 2)).toMatchObject({ field });
      expect(stderr).toContain(`Line ${index + 2}: `);
      expect(stderr).toContain(message);
    }
  });

  test.each([
    ["a file that is none of an export", '{"a":1}\n', 'with "format":"sallyport-entitlements"'],
    ["an export of keys", '{"format":"sallyport-keys","version":1}\n', 'with "format":"sallyport-entitlements"'],
    [
      "a file of a later version",
      '{"format":"sallyport-entitlements","version":2}\n',
      "a later Sallyport made the file",
    ],
    ["an empty file", "", "The file is empty"],
  ])("refuses %s", async (_what, input, message) => {
    const { code, stderr } = await run(to, "import -", input);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test("says that there is no such file", async () => {
    expect(await run(to, `import ${fileName()}`)).toMatchObject({ code: 1, stderr: "The file does not exist\n" });
  });
});
