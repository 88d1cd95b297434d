import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { itemOf, partitionKey } from "../../../providers/api-key/item.ts";
import { dynamoDbKeyTable } from "../../../providers/api-key/management/dynamodb-key-table.ts";
import { rotateKey } from "../../../providers/api-key/management/rotate.ts";
import { deleteKey, revokeKey } from "../../../providers/api-key/management/status.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { createKeyTableFixture } from "../../providers/api-key/fixture.ts";
import { inProcess } from "../in-process.ts";
import { createKeysFixture, type KeysFixture, secretOf } from "./fixture.ts";

/** `sallyport keys export`, `import` and `reindex`. */

let folder: string;
/** Its database is that of all tables here. */
let first: KeysFixture;
let from: KeysFixture;
let to: KeysFixture;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-keys-"));
  first = await createKeysFixture();
});
afterAll(async () => {
  await first.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  from = await createKeysFixture();
  const environment = { ...process.env };
  to = await createKeysFixture();
  // The same peppers for both tables.
  process.env.TEST_PEPPER_NEW = environment.TEST_PEPPER_NEW;
  process.env.TEST_PEPPER_OLD = environment.TEST_PEPPER_OLD;
  return () => Promise.all([from.close(), to.close()]);
});

const { signal } = new AbortController();
let files = 0;
const fileName = () => join(folder, `keys-${files++}.jsonl`);

async function exported(count: number, options = {}) {
  const issued = [];
  for (let n = 0; n < count; n++) issued.push(await from.issue({ name: `n${n}`, owner: "moves", ...options }));
  const { code, stdout } = await from.run("export");
  expect(code).toBe(0);
  return { issued, text: stdout, lines: stdout.trimEnd().split("\n") };
}

async function written(lines: readonly string[]) {
  const file = fileName();
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

const taken = async (file: string, options = "") => {
  const outcome = await to.run(`import ${file} --json${options}`);
  return { ...outcome, report: JSON.parse(outcome.stdout) };
};

async function verify(table: KeysFixture, value: string) {
  const store = dynamoDbKeyTable(table.config.table);
  const provider = apiKeyProvider(table.config, { openStore: async () => store });
  const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
  const verdict = await provider.verify(credential, requestFor("GET", "/a", { time: NOW + 1 }), signal);
  return verdict.status;
}

describe("an export", () => {
  test("has a header with format and pepper ids, and one record in each line, without any key", async () => {
    const { issued, text, lines } = await exported(3);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      ...{ format: "sallyport-keys", version: 1, prefix: "sp", environment: "live", peppers: ["new", "old"] },
      pepperChecks: { new: expect.stringMatching(/^.{43}=$/), old: expect.stringMatching(/^.{43}=$/) },
    });
    expect(
      lines
        .slice(1)
        .map((line) => JSON.parse(line).id)
        .toSorted(),
    ).toEqual(issued.map(({ record }) => record.id).toSorted());
    for (const { key } of issued) expect(text).not.toContain(secretOf(key));
  });

  test("goes into a file for this user alone, and never over another one", async () => {
    await from.issue();
    const file = fileName();
    expect(await from.run(`export --file ${file}`)).toMatchObject({
      ...{ code: 0, stdout: "", stderr: "1 keys are exported, with hashes of their secrets.\n" },
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { code, stderr } = await from.run(`export --file ${file}`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("exists already")]);
  });

  test("that was interrupted, in the middle of a line, goes on behind the last whole one", async () => {
    const { text, lines } = await exported(5);
    const file = fileName();
    await writeFile(`${file}.part`, `${lines.slice(0, 3).join("\n")}\n${lines[3]?.slice(0, 40)}`);
    const { code, stderr } = await from.run(`export --file ${file}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Goes on after the 2 keys")]);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("does not go on behind something else, unless it is to begin anew", async () => {
    const { text } = await exported(2);
    const file = fileName();
    await writeFile(`${file}.part`, "something else\n");
    const { code, stderr } = await from.run(`export --file ${file}`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("not of an interrupted export of this table")]);
    expect(await readFile(`${file}.part`, "utf8")).toBe("something else\n");
    expect(await from.run(`export --file ${file} --restart`)).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("names damaged records, which it leaves out", async () => {
    const { record } = await from.issue();
    await putRaw(from, { ...itemOf(record), unknown: { S: "x" } });
    const { code, stdout, stderr } = await from.run("export");
    expect([code, stdout.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toContain(`Key ${record.id}: its record is damaged`);
  });
});

async function putRaw(table: KeysFixture, Item: ReturnType<typeof itemOf>) {
  const client = new DynamoDBClient({ endpoint: table.endpoint });
  await client.send(new PutItemCommand({ TableName: table.config.table, Item }));
  client.destroy();
}

test("an export is made without permission to read a pepper, and says so", async () => {
  await from.issue();
  delete process.env.TEST_PEPPER_OLD;
  const { code, stdout, stderr } = await from.run("export");
  expect([code, stderr]).toEqual([0, expect.stringContaining("The pepper old cannot be read")]);
  expect(JSON.parse(stdout.split("\n")[0] ?? "").pepperChecks).toEqual({ new: expect.any(String) });
});

describe("an import", () => {
  test("under another pepper of the same id is refused: all its keys would be dead", async () => {
    const { lines } = await exported(1);
    process.env.TEST_PEPPER_OLD = "another secret of 32 characters.";
    const file = await written(lines);
    for (const option of ["", " --dry-run"]) {
      const { code, stdout, stderr } = await to.run(`import ${file}${option}`);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("Line 1: pepper old: found another one under this id");
      expect(stderr).toContain("Nothing was changed.");
    }
    expect((await to.store.page({ all: true })).keys).toEqual([]);
  });

  test.each([
    ["of a file of an earlier version", { pepperChecks: undefined }, "pepper-of-the-test-that-can-be-read"],
    ["that cannot be read", {}, undefined],
  ])("says that nobody knows whether the peppers are the same, %s", async (_what, header, pepper) => {
    const { lines } = await exported(1);
    const file = await written([JSON.stringify({ ...JSON.parse(lines[0] ?? ""), ...header }), ...lines.slice(1)]);
    if (pepper === undefined) delete process.env.TEST_PEPPER_OLD;
    const { code, stderr } = await to.run(`import ${file}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining("try one key with `sallyport keys identify`")]);
  });

  test("takes everything, so that keys and both secrets of a rotation work in the other table", async () => {
    const options = { expiresIn: 3600, metadata: { a: "1" }, attributes: { plan: "gold", n: 1.5 }, scopes: ["a"] };
    const { issued } = await exported(2, options);
    const [one] = issued;
    const change = { by: "bob", reason: "moved", time: NOW };
    const rotated = await rotateKey(from.store, one?.record.id ?? "", from.config, change);
    const file = await written((await from.run("export")).stdout.trimEnd().split("\n"));
    expect(await taken(file)).toMatchObject({ code: 0, report: { added: 2, same: 0 } });
    for (const key of [rotated.key, ...issued.map((each) => each.key)])
      expect(await verify(to, key)).toBe("authenticated");
    const { changeId: _, ...moved } = rotated.record;
    const { record } = await to.store.get(rotated.record.id, signal);
    expect(record).toMatchObject(moved);
    // The events of each table are its own.
    expect(record?.changeId).not.toBe(rotated.record.changeId);
    expect((await to.store.page({ owner: "moves" })).keys).toHaveLength(2);
  });

  test("that is repeated, or goes on where it stopped, finds what is there and counts it as done", async () => {
    const { lines } = await exported(20);
    const part = await written(lines.slice(0, 8));
    expect((await taken(part)).report).toMatchObject({ added: 7, same: 0 });
    const whole = await written(lines);
    expect((await taken(whole)).report).toMatchObject({ added: 13, same: 7, different: [], damaged: [] });
    expect(await taken(whole)).toMatchObject({ code: 0, report: { added: 0, same: 20 } });
  });

  test("names a record that differs, and never overwrites it", async () => {
    const { issued, lines } = await exported(2);
    const file = await written(lines);
    await taken(file);
    const { id = "" } = issued[0]?.record ?? {};
    const { record } = await updateKey(to.store, id, { owner: "other" }, { by: "alice", time: NOW });
    const { code, report, stderr } = await taken(file);
    expect([code, report.same]).toEqual([1, 1]);
    expect(report.different).toMatchObject([{ id, fields: expect.arrayContaining(["owner", "version"]) }]);
    expect(stderr).toMatch(new RegExp(`Line \\d: key ${id} is in the table with another .*owner.* left as it is`));
    expect((await to.store.get(id, signal)).record).toEqual(record);
  });

  test("of two different lines with one id takes one, and names the other", async () => {
    const { lines } = await exported(1);
    const other = JSON.stringify({ ...JSON.parse(lines[1] ?? ""), name: "edited" });
    const { report } = await taken(await written([...lines, other]));
    expect(report).toMatchObject({ added: 1, different: [{ fields: ["name"] }] });
  });

  describe("of a key that was revoked and deleted since", () => {
    /** A file of before the revocation. */
    async function ended() {
      const { issued, lines } = await exported(1);
      const file = await written(lines);
      await taken(file);
      const { record, key } = issued[0] ?? (await from.issue());
      await revokeKey(to.store, record.id, { by: "alice", time: NOW + 1 });
      await deleteKey(to.store, record.id, { by: "bob", time: NOW + 2 });
      return { file, key, id: record.id };
    }

    test.each([
      ["", ""],
      ["with --dry-run ", " --dry-run"],
    ])("%ssays when and by whom, and leaves it deleted", async (_, options) => {
      const { file, key, id } = await ended();
      const { code, report, stderr } = await taken(file, options);
      expect([code, report.added]).toEqual([1, 0]);
      expect(report.deleted).toEqual([{ line: 2, id, at: "2026-03-02T10:00:02Z", by: "bob" }]);
      expect(stderr).toContain(
        `key ${id} was deleted at 2026-03-02T10:00:02Z, by bob. It stays so without --restore-deleted.`,
      );
      expect(await verify(to, key)).toBe("rejected");
    });

    test("brings it back with --restore-deleted alone, and its versions go on", async () => {
      const { file, key, id } = await ended();
      const dry = await taken(file, " --restore-deleted --dry-run");
      expect([dry.code, dry.report.added, await verify(to, key)]).toEqual([0, 1, "rejected"]);
      expect(await taken(file, " --restore-deleted --by carol")).toMatchObject({ code: 0, report: { added: 1 } });
      expect(await verify(to, key)).toBe("authenticated");
      const { record } = await to.store.get(id, signal);
      expect(record).toMatchObject({ version: 4, status: "active", changedBy: "carol" });
      expect((await taken(file)).report.different).toMatchObject([{ id }]);
    });

    test("into a third table keeps it deleted there, if the file is of after the deletion", async () => {
      const { file, key, id } = await ended();
      const { code, stdout } = await to.run("export");
      expect([code, JSON.parse(stdout.split("\n")[1] ?? "")]).toEqual([
        0,
        { id, version: 3, deletedAt: NOW + 2, deletedBy: "bob" },
      ]);
      const { TEST_PEPPER_NEW, TEST_PEPPER_OLD } = process.env;
      const third = await createKeysFixture();
      Object.assign(process.env, { TEST_PEPPER_NEW, TEST_PEPPER_OLD });
      const later = await written(stdout.trimEnd().split("\n"));
      expect(await third.run(`import ${later} --dry-run`)).toMatchObject({ code: 0 });
      expect(await third.run(`import ${later}`)).toMatchObject({ code: 0, stderr: expect.stringContaining("Added 1") });
      expect(await third.run(`import ${later}`)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("there already 1"),
      });
      expect((await third.run(`import ${file}`)).code).toBe(1);
      expect(await verify(third, key)).toBe("rejected");
      await third.close();
    });

    test("names a key that is there and was deleted where the file was made", async () => {
      const { lines } = await exported(1);
      const { id } = JSON.parse(lines[1] ?? "") as { id: string };
      await taken(await written(lines));
      const deletion = JSON.stringify({ id, version: 9, deletedAt: NOW });
      const { code, report } = await taken(await written([lines[0] ?? "", deletion]));
      expect([code, report.different]).toEqual([1, [expect.objectContaining({ id })]]);
      expect((await to.store.get(id, signal)).record?.status).toBe("active");
    });
  });

  test("with --dry-run says what it would add, and changes nothing", async () => {
    const { lines } = await exported(3);
    const { code, report, stderr } = await taken(await written(lines), " --dry-run");
    expect([code, report.added]).toEqual([0, 3]);
    expect(stderr).toContain("Would add 3, there already 0. Nothing was changed.");
    expect((await to.store.page({ all: true })).keys).toEqual([]);
  });

  test("names damaged lines by line and field, counts them, and takes the others", async () => {
    const { lines } = await exported(1);
    const sound = JSON.parse(lines[1] ?? "");
    const damaged: [object | string, string, string][] = [
      ["{", "the line", "found a text of 1 characters, allowed is JSON"],
      ["[]", "the line", "found a list of 0"],
      [{ ...sound, hash: "c2hvcnQ=" }, "hash", "found another value, allowed is 32 bytes in base64"],
      [{ ...sound, scopes: ["a b"] }, "scopes[0]", 'found "a b", allowed is a scope'],
      [{ ...sound, name: undefined }, "name", "found nothing"],
      [{ ...sound, colour: "red" }, "colour", "found an unknown name"],
      [{ ...sound, environment: "test" }, "environment", 'found "test", allowed is that of the configuration, "live"'],
      [
        { ...sound, pepper: "gone" },
        "pepper",
        'found "gone", allowed is one of the configuration\'s peppers: new, old',
      ],
      [{ ...sound, expiresAt: sound.createdAt - 1 }, "the record", "values that do not fit together"],
      [{ ...sound, id: "short" }, "id", 'found "short", allowed is 16 letters and digits'],
      [{ ...sound, previousUntil: 1 }, "the record", "all of a previous secret, or none"],
      [{ id: sound.id, deletedAt: "today", version: 1 }, "deletedAt", 'found "today"'],
      [{ id: "short", deletedAt: NOW, version: 1 }, "id", 'found "short", allowed is 16 letters and digits'],
      ["x".repeat(1024 * 1024 + 1), "the line", "more than a megabyte"],
    ];
    const texts = damaged.map(([line]) => (typeof line === "string" ? line : JSON.stringify(line)));
    const { code, report, stderr } = await taken(await written([lines[0] ?? "", ...texts, "", lines[1] ?? ""]));
    expect([code, report.added, report.damaged.length]).toEqual([1, 1, damaged.length]);
    for (const [index, [, field, message]] of damaged.entries()) {
      expect(report.damaged.find((each: { line: number }) => each.line === index + 2)).toMatchObject({ field });
      expect(stderr).toMatch(new RegExp(`^Line ${index + 2}: .*${message.replace(/[[\]".,]/g, "\\$&")}`, "m"));
    }
    expect(stderr).toContain(`not to be used ${damaged.length}.`);
  });

  test.each([
    [
      "a file that is none of an export",
      '{"a":1}',
      "Line 1: the header: found something else, allowed is the first line",
    ],
    ["a later format", '{"format":"sallyport-keys","version":2}', "Line 1: version: found 2, allowed is 1"],
    ["another prefix", header({ prefix: "xx" }), 'Line 1: prefix: found "xx", allowed is "sp"'],
    ["another environment", header({ environment: "test" }), 'Line 1: environment: found "test", allowed is "live"'],
  ])("refuses %s, and changes nothing", async (_what, first, message) => {
    const { lines } = await exported(1);
    const { code, stdout, stderr } = await to.run(`import ${await written([first, ...lines.slice(1)])}`);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(message)]);
    expect((await to.store.page({ all: true })).keys).toEqual([]);
  });

  test("says which peppers of the file the configuration does not have", async () => {
    const { lines } = await exported(1);
    const { code, stderr } = await to.run(
      `import ${await written([header({ peppers: ["new", "p9"] }), ...lines.slice(1)])}`,
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining("The configuration has no pepper p9")]);
  });

  test("shows nothing of a file that a terminal could take for a command", async () => {
    const { lines } = await exported(1);
    const record = JSON.parse(lines[1] ?? "") as object;
    const hostile = "\u001b]0;x\u0007\u009b2J\u202e";
    const files = [
      [header({ peppers: [hostile] })],
      [header({ prefix: hostile })],
      ...["id", "pepper", "environment", hostile].map((name) => [
        lines[0] ?? "",
        `${JSON.stringify({ ...record, [name]: hostile.slice(-1) })}\n`,
      ]),
    ];
    for (const file of files) {
      const { stdout, stderr } = await to.run(`import ${await written(file)}`);
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    }
  });

  test("reads standard input", async () => {
    const { text } = await exported(2);
    expect(await to.run("import -", { input: text })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Added 2,/),
    });
  });

  test("shows how far it is on a terminal", async () => {
    const { lines } = await exported(3);
    const { stderr } = await to.run(`import ${await written(lines)}`, { terminal: 80 });
    expect(stderr).toContain("100 % 3 keys");
  });

  test("says that a file does not exist, and that it is empty", async () => {
    const { code, stderr } = await to.run(`import ${join(folder, "none.jsonl")}`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not exist")]);
    await writeFile(join(folder, "empty"), "");
    expect((await to.run(`import ${join(folder, "empty")}`)).stderr).toContain("The file is empty");
  });
});

function header(changed: object) {
  const sound = { format: "sallyport-keys", version: 1, prefix: "sp", environment: "live", peppers: ["new", "old"] };
  return JSON.stringify({ ...sound, ...changed });
}

describe("reindex", () => {
  const bucketless = async (id: string) => {
    const client = new DynamoDBClient({ endpoint: from.endpoint });
    const Key = partitionKey(id);
    const input = { TableName: from.config.table, Key, UpdateExpression: "REMOVE expiryBucket" };
    await client.send(new UpdateItemCommand(input));
    client.destroy();
  };

  test("puts keys of before there were indexes into the index of ends, once, and changes nothing else", async () => {
    const time = Math.floor(Date.now() / 1000) - NOW;
    const old = await from.issue({ expiresIn: time + 3600, name: "old" });
    await from.issue({ expiresIn: time + 7200, name: "new" });
    await from.issue({ name: "endless" });
    await bucketless(old.record.id);
    const soon = async () => (await from.run("list --expiring-within 1d")).stdout;
    expect(await soon()).not.toContain("old");
    const dry = await from.run("reindex --dry-run --json");
    expect([dry.code, JSON.parse(dry.stdout)]).toEqual([0, { read: 3, written: 0, missing: 1 }]);
    expect(await soon()).not.toContain("old");
    expect(await from.run("reindex")).toMatchObject({
      code: 0,
      stderr: "3 records read; 1 were put into the index.\n",
    });
    expect(await soon()).toContain("old");
    expect((await from.store.get(old.record.id, signal)).record).toEqual(old.record);
    expect(JSON.parse((await from.run("reindex --json")).stdout)).toEqual({ read: 3, written: 0, missing: 0 });
  });

  test("of a table without the index says what to do, and writes nothing", async () => {
    const plain = await createKeyTableFixture(tableDefinition);
    const config = async () => ({ ...configOf(), apiKeys: plain.config });
    const { code, stderr } = await inProcess(["keys", "reindex"], { config });
    await plain.close();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("has no index by-expiry. Set the parameter KeyIndexes"),
    ]);
  });
});
