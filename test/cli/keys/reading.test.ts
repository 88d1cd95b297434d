import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { useTable } from "../../../functions/key-use/use-table.ts";
import { createTable } from "../../../local/stage/database.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { issueApiKey } from "../../../providers/api-key/management/issue.ts";
import { rotateKey } from "../../../providers/api-key/management/rotate.ts";
import { revokeKey } from "../../../providers/api-key/management/status.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { configOf } from "../../fixtures.ts";
import { createKeyTableFixture } from "../../providers/api-key/fixture.ts";
import { inProcess } from "../in-process.ts";
import { createKeysFixture, type KeysFixture, secretOf } from "./fixture.ts";

/** `sallyport keys list` and `show`. */

const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);

let table: KeysFixture;
beforeAll(async () => {
  table = await createKeysFixture();
});
afterAll(() => table.close());

const issueAt = (time: number, options: object) =>
  issueApiKey({ name: "Partner", ...options }, table.config, table.store, { by: "alice", time });

const pages = async (argv: string) => {
  const found: { id: string }[][] = [];
  let cursor: string | undefined;
  do {
    const { code, stdout } = await table.run(`${argv} --json${cursor ? ` --cursor ${cursor}` : ""}`);
    expect(code).toBe(0);
    const page = JSON.parse(stdout);
    found.push(page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
};

describe("list", () => {
  test.each([
    ["nothing", "list"],
    ["two filters", "list --owner a --tenant b"],
  ])("with %s says which filters there are, and reads nothing", async (_what, argv) => {
    const config = () => Promise.reject(new Error("the database is not to be opened"));
    const { code, stdout, stderr } = await table.run(argv, { config });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/one of --owner NAME, --tenant NAME, --expiring-within 30d, or --all/);
  });

  test.each(["owner", "tenant"])("by %s has each key once, the newest first, on pages", async (by) => {
    for (let n = 0; n < 5; n++) await issueAt(1_700_000_000 + n, { name: `n${n}`, [by]: `pages-${by}` });
    const found = await pages(`list --${by} pages-${by} --limit 2`);
    expect(found.map((keys) => keys.length)).toEqual([2, 2, 1]);
    expect(found.flat()).toMatchObject(["n4", "n3", "n2", "n1", "n0"].map((name) => ({ name })));
    for (const key of found.flat()) expect(Object.keys(key).join()).not.toMatch(/hash|changeId/i);
  });

  test("of a status has no others, and refuses one that no key has", async () => {
    const ids: string[] = [];
    for (const days of [-1, 30]) {
      const { record } = await issueAt(now() - 2 * DAY, { owner: "states", expiresIn: (days + 2) * DAY });
      ids.push(record.id);
    }
    const { record: gone } = await issueAt(now(), { owner: "states" });
    await revokeKey(table.store, gone.id, { by: "a", time: now() });
    for (const [status, id] of [
      ["expired", ids[0]],
      ["active", ids[1]],
      ["revoked", gone.id],
    ]) {
      const { stdout } = await table.run(`list --owner states --status ${status} --json`);
      expect(JSON.parse(stdout).keys).toEqual([expect.objectContaining({ id })]);
    }
    expect((await table.run("list --owner states --status dead")).code).toBe(2);
  });

  test("names the zone of the ends, and rounds how far away they are", async () => {
    const { record } = await issueAt(now() - 5, { owner: "zone", expiresIn: 90 * DAY });
    expect((await table.run("list --owner zone")).stdout).toMatch(/EXPIRES \(UTC\)/);
    expect((await table.run(`show ${record.id}`)).stdout).toContain("(in 90 days)");
  });

  test("refuses the cursor of another list", async () => {
    for (const owner of ["one", "other"]) for (let n = 0; n < 3; n++) await issueAt(1_700_000_000 + n, { owner });
    const { cursor } = JSON.parse((await table.run("list --owner one --limit 1 --json")).stdout);
    expect(await table.run(`list --owner one --limit 2 --cursor ${cursor}`)).toMatchObject({ code: 0 });
    const { code, stderr } = await table.run(`list --owner other --cursor ${cursor}`);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--cursor: found a text of another form")]);
  });

  test("as JSON is what the admin API shows, with `expired` where the end has passed", async () => {
    await issueAt(1_700_000_000, { owner: "past", expiresIn: 60 });
    const { stdout } = await table.run("list --owner past --json");
    expect(JSON.parse(stdout).keys).toMatchObject([
      { status: "active", expired: true, createdAt: "2023-11-14T22:13:20Z", expiresAt: "2023-11-14T22:14:20Z" },
    ]);
  });

  test("of what expires soon has each key once, day by day, and none that ends later or has ended", async () => {
    const start = now();
    const issued = await Promise.all(
      Array.from({ length: 24 }, (_, n) => issueAt(start, { owner: "soon", expiresIn: 3600 + n * (DAY / 4) })),
    );
    await issueAt(start, { name: "later", expiresIn: 20 * DAY });
    await issueAt(start, { name: "endless" });
    await issueAt(start - DAY, { name: "ended", expiresIn: 3600 });
    const whole = await pages("list --expiring-within 10d --limit 1000");
    expect(whole).toHaveLength(1);
    expect(whole.flat().map(({ id }) => id)).toEqual(issued.map(({ record }) => record.id));
    const found = (await pages("list --expiring-within 10d --limit 5")).flat();
    expect(found.map(({ id }) => id).toSorted()).toEqual(issued.map(({ record }) => record.id).toSorted());
  });

  test("of all says that it reads the whole table", async () => {
    const { record } = await table.issue();
    const { code, stdout, stderr } = await table.run("list --all --limit 1000");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("reads the whole table") });
    expect(stdout).toContain(record.id);
  });

  test("tells people how to see the next page", async () => {
    for (let n = 0; n < 3; n++) await table.issue({ owner: "next" });
    const { stderr } = await table.run("list --owner next --limit 2");
    const [, cursor = ""] = /--cursor (\S+)\n$/.exec(stderr) ?? [];
    const { stdout } = await table.run(`list --owner next --limit 2 --cursor ${cursor}`);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
  });

  test("fits a terminal by cutting the widest texts, never an id, and cuts nothing for a pipe", async () => {
    const long = { owner: "narrow", name: "n".repeat(100), scopes: ["a".repeat(90), "b"], tenant: "t".repeat(40) };
    const { record } = await table.issue(long);
    const { stdout } = await table.run("list --owner narrow", { terminal: 100 });
    // Colours take no place.
    const plain = stdout
      .replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "")
      .trimEnd()
      .split("\n");
    for (const line of plain) expect(line.length).toBeLessThanOrEqual(100);
    expect(plain[1]).toContain(record.id);
    expect(plain[1]).toContain("…");
    expect((await table.run("list --owner narrow")).stdout).toContain(`${"a".repeat(90)} b\n`);
  });

  test("shows what could change a terminal by its number", async () => {
    await table.issue({ owner: "unsafe", name: "a\u202eb" });
    const { stdout } = await table.run("list --owner unsafe");
    expect(stdout).toContain("a\\u{202e}b");
  });

  test.each([
    ["--limit 0", '--limit: found "0", allowed is a whole number from 1 to 1,000'],
    ["--limit 1001", "--limit: found"],
    ["--cursor none", "--cursor: found a text of another form"],
    ["--owner a\u0001", "--owner: found a text of 2 characters, allowed is text of 1 to 256"],
  ])("refuses %s with what was found and what is allowed", async (option, message) => {
    const { code, stderr } = await table.run(option.startsWith("--owner") ? `list ${option}` : `list --all ${option}`);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each(["401d", "0", "-1d", "soon"])("refuses --expiring-within %s", async (time) => {
    const { code, stderr } = await table.run(`list --expiring-within ${time}`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--expiring-within.*(allowed is|takes a value)/)]);
  });
});

describe("a table without the index", () => {
  test.each([
    ["list --owner a", "by-owner", 1],
    ["list --tenant a", "by-tenant", 2],
    ["list --expiring-within 30d", "by-expiry", 3],
    ["revoke --owner a --yes", "by-owner", 1],
  ])("says what to do: %s", async (argv, index, count) => {
    const plain = await createKeyTableFixture(tableDefinition);
    const config = async () => ({ ...configOf(), apiKeys: plain.config });
    const { code, stderr } = await inProcess(["keys", ...argv.split(" ")], { config });
    await plain.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`has no index ${index}. Set the parameter KeyIndexes of the template to ${count} or more`);
  });
});

describe("show", () => {
  test("says what a key is and may, what happened when and by whom, and no hash", async () => {
    const { key, record } = await issueAt(1_700_000_000, {
      ...{ name: "Partner Inc", owner: "team-a", tenant: "acme", scopes: ["a", "b"], addresses: ["192.0.2.0/24"] },
      ...{ metadata: { contact: "bob\u001b[31m" }, attributes: { plan: "gold" } },
    });
    const change = { by: "bob", reason: "ticket 7", time: now() };
    const rotated = await rotateKey(table.store, record.id, table.config, change, { grace: 3600 });
    const { code, stdout } = await table.run(`show ${record.id}`);
    expect(code).toBe(0);
    for (const text of [
      ...["Partner Inc", "team-a", "acme", "a b", "192.0.2.0/24", 'plan="gold"', "2023-11-14T22:13:20Z by alice"],
      ...["by bob: ticket 7", "previous secret", "accepted until"],
    ])
      expect(stdout).toContain(text);
    expect(stdout).toMatch(/version +2\n/);
    expect(stdout).not.toContain("\u001b");
    for (const secret of [key, rotated.key]) expect(stdout).not.toContain(secretOf(secret));
    const json = await table.run(`show ${rotated.key} --json`);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: record.id, version: 2, changedBy: "bob" });
    expect(json.stdout).not.toMatch(/hash|changeId/i);
  });

  test("says when the key was last used, where the table of uses is known", async () => {
    const { record } = await table.issue();
    vi.stubEnv("SALLYPORT_ACTIVITY_TABLE", undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await table.run(`show ${record.id}`)).stdout).toMatch(/last used +not known: --stack/);
    const uses = `uses-${record.id}`;
    await createTable(table.endpoint, tableDefinition(uses));
    vi.stubEnv("SALLYPORT_ACTIVITY_TABLE", uses);
    expect((await table.run(`show ${record.id}`)).stdout).toMatch(/last used +not within 400 days/);
    await useTable(uses).record(record.id, { first: 1_699_999_200, last: 1_700_002_800 });
    expect((await table.run(`show ${record.id}`)).stdout).toMatch(/last used +in the hour from 2023-11-14T23:00:00Z\n/);
    expect(JSON.parse((await table.run(`show ${record.id} --json`)).stdout).lastUsedAt).toBe("2023-11-14T23:00:00Z");
    vi.stubEnv("SALLYPORT_ACTIVITY_TABLE", "none");
    expect((await table.run(`show ${record.id}`)).stdout).toMatch(/last used +not known/);
  });

  test("of a key that does not exist, and of one with a damaged record, exits with 1 and says so", async () => {
    expect(await table.run(`show ${"0".repeat(16)}`)).toMatchObject({
      ...{ code: 1, stdout: "" },
      stderr: expect.stringContaining("does not exist"),
    });
    const { record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const item = { ...itemOf(record), unknown: { S: "x" } };
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: item }));
    client.destroy();
    const { code, stderr } = await table.run(`show ${record.id}`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is damaged (key_record_invalid)")]);
    expect(stderr).not.toContain("credentials");
  });
});
