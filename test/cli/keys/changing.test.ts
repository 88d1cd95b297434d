import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { generateSecret } from "../../../providers/api-key/format.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import { requestFor } from "../../fixtures.ts";
import { personWhoSays } from "../in-process.ts";
import { createKeysFixture, type KeysFixture, secretOf } from "./fixture.ts";

/** `sallyport keys issue`, `update`, `rotate`, `disable`, `enable`, `revoke` and `delete`. */

let table: KeysFixture;
beforeAll(async () => {
  table = await createKeysFixture();
});
afterAll(() => table.close());
afterEach(() => void vi.unstubAllEnvs());

const { signal } = new AbortController();
const read = async (id: string) => (await table.store.get(id, signal)).record;
const run = (argv: string, ...around: Parameters<KeysFixture["run"]>[1][]) => table.run(argv, around[0]);

async function verify(value: string) {
  const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
  const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
  const verdict = await apiKeyProvider(table.config).verify(credential, request, signal);
  return verdict.status === "authenticated" ? (verdict.warnings ?? []) : verdict.reason;
}

describe("issue", () => {
  test("keeps owner, metadata, who and why", async () => {
    const { stdout } = await run(
      "issue --name P --owner team-a --metadata contact=bob --metadata cost=7 --by alice --reason pilot --json",
    );
    const { id, secret: key } = JSON.parse(stdout);
    expect(await read(id)).toMatchObject({
      ...{ owner: "team-a", metadata: { contact: "bob", cost: "7" }, createdBy: "alice", changeReason: "pilot" },
    });
    expect(await verify(key)).toEqual([]);
  });

  test("is by this user and machine by default", async () => {
    const { stdout } = await run("issue --name P --json");
    expect(JSON.parse(stdout).createdBy).toMatch(/^.+@.+$/);
  });

  test.each([
    ["--metadata contact", "--metadata: found a text of another form, allowed is NAME=TEXT"],
    [`--metadata a=${"x".repeat(1025)}`, "--metadata: found a text of 1025 characters, allowed is text of up to 1,024"],
    [`--owner ${"x".repeat(300)}`, "--owner: found a text of 300 characters, allowed is text of 1 to 256 characters"],
    ["--by \u0007", "--by: found a text of 1 characters, allowed is text of 1 to 256 characters"],
    ["--expires-in 9x", '--expires-in: found "9x", allowed is a number followed by d, h or m, such as 90d, from 1m to'],
  ])("refuses %s with what was found and what is allowed, and issues nothing", async (option, message) => {
    const { code, stdout, stderr } = await run(`issue --name refused --tenant refused ${option}`);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
    expect((await table.store.page({ tenant: "refused" })).keys).toEqual([]);
  });
});

describe("update", () => {
  test("changes what the options name, says what it was, and keeps the rest", async () => {
    const { record } = await table.issue({ owner: "a", scopes: ["x", "y"], metadata: { one: "1", two: "2" } });
    const { code, stderr } = await run(
      `update ${record.id} --owner b --add-scope z --remove-scope x --metadata two=3 --by bob --reason moved`,
    );
    expect(code).toBe(0);
    expect(await read(record.id)).toMatchObject({
      ...{ owner: "b", scopes: ["y", "z"], metadata: { one: "1", two: "3" }, name: "Partner" },
      ...{ version: 2, changedBy: "bob", changeReason: "moved" },
    });
    expect(stderr).toContain("is version 2 now:\n  owner: a → b\n  scopes: x y → y z\n");
  });

  test("removes what --no-… and --remove-… name, and gives and takes an end", async () => {
    const given = { owner: "a", tenant: "t", subject: "s", addresses: ["192.0.2.1"], metadata: { one: "1" } };
    const { record } = await table.issue({ ...given, attributes: { plan: "gold" } });
    await run(`update ${record.id} --no-owner --no-tenant --no-subject --no-address --no-metadata --expires-in 90d`);
    const bare = await read(record.id);
    for (const name of ["owner", "tenant", "subject", "addresses", "metadata"]) expect(bare).not.toHaveProperty(name);
    expect(bare).toMatchObject({ expiresAt: expect.any(Number), attributes: { plan: "gold" } });
    await run(`update ${record.id} --no-expiry --remove-attribute plan --scope one --role r`);
    const last = await read(record.id);
    expect(last).not.toHaveProperty("expiresAt");
    expect(last).toMatchObject({ attributes: {}, scopes: ["one"], roles: ["r"] });
  });

  test.each([
    ["", "What is to change?"],
    ["--scope a --add-scope b", "--scope replaces all of them: it is not given with --add-scope"],
    ["--no-expiry --expires-in 1d", "contradict each other"],
    ["--remove-address 192.0.2.1", "no address would be left"],
    ["--remove-scope admin", '--remove-scope: found "admin", allowed is nothing: the key has none'],
    ["--remove-address 192.0.2.2", '--remove-address: found "192.0.2.2/32", allowed is one that the key has'],
    ["--add-scope a,b", "repeat --add-scope"],
    ["--add-address 10/8", "--address: found"],
    ["--if-version 0 --name a", '--if-version: found "0", allowed is a whole number from 1'],
  ])("refuses %j and changes nothing", async (options, message) => {
    const { record } = await table.issue({ addresses: ["192.0.2.1"] });
    const { code, stdout, stderr } = await run(`update ${record.id} ${options}`.trim());
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
    expect(await read(record.id)).toEqual(record);
  });

  test("never prints the value of a usage plan's key, neither as text nor as JSON", async () => {
    const { record } = await table.issue();
    const [one, other] = ["usage-plan-value-of-acme", "usage-plan-value-of-globex"];
    const added = await run(`update ${record.id} --usage-key ${one}`);
    expect(added.stderr).toContain("\n  usageIdentifierKey: none → a value\n");
    const changed = await run(`update ${record.id} --usage-key ${other} --json`);
    expect(changed.stderr).toContain("\n  usageIdentifierKey: a value → another value\n");
    expect(JSON.parse(changed.stdout)).toMatchObject({ hasUsageIdentifierKey: true });
    const removed = await run(`update ${record.id} --no-usage-key`);
    expect(removed.stderr).toContain("\n  usageIdentifierKey: a value → none\n");
    const issued = await run(`issue --name P --owner plans --usage-key ${one} --json`);
    for (const { stdout, stderr } of [added, changed, removed, issued, await run("list --owner plans --json")]) {
      expect(stdout + stderr).not.toContain("usage-plan-value");
    }
  });

  test("of what is so already writes nothing", async () => {
    const { record } = await table.issue({ owner: "a" });
    expect(await run(`update ${record.id} --owner a`)).toMatchObject({
      ...{ code: 0, stderr: expect.stringContaining("is so already, and stays version 1") },
    });
    expect(await read(record.id)).toEqual(record);
  });
});

describe("the second of two operators is told who was first", () => {
  test.each(["update ID --name b", "rotate ID", "disable ID", "enable ID", "revoke ID --yes"])(
    "%s",
    async (command) => {
      const { record } = await table.issue();
      const alice = { by: "alice", reason: "ticket 1", time: 1_700_000_000 };
      await updateKey(table.store, record.id, { owner: "team-a" }, alice);
      const { code, stdout, stderr } = await run(`${command.replace("ID", record.id)} --if-version 1`);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("It is version 2 now, changed 2023-11-14T22:13:20Z by alice: ticket 1.");
      expect(stderr).toContain("Nothing was changed.");
      expect(await read(record.id)).toMatchObject({ version: 2, status: "active" });
    },
  );

  test("when the key is revoked, by whom", async () => {
    const { record } = await table.issue();
    await run(`revoke ${record.id} --yes --by alice --reason leaked`);
    const { code, stderr } = await run(`update ${record.id} --name b`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/revoked for good.*It was revoked 2.*by alice: leaked/s)]);
  });
});

describe("who deleted a key, and when, is told to the next", () => {
  test.each(["show ID", "update ID --name b", "rotate ID", "disable ID", "revoke ID --yes", "delete ID --yes"])(
    "%s",
    async (command) => {
      const { record } = await table.issue();
      await run(`revoke ${record.id} --yes`);
      await run(`delete ${record.id} --yes --by alice --reason old`);
      const { code, stderr } = await run(command.replace("ID", record.id));
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^The key \w+ does not exist\. It was deleted 2\S+ by alice: old\.$/m),
      ]);
    },
  );
});

describe("rotate", () => {
  test("prints the new key once, on standard output alone, and says until when the old secret is accepted", async () => {
    const { key, record } = await table.issue();
    const { code, stdout, stderr } = await run(`rotate ${key} --grace 1h --by bob`);
    expect(code).toBe(0);
    const fresh = stdout.trimEnd();
    expect(await verify(fresh)).toEqual([]);
    expect(await verify(key)).toEqual(["key_secret_superseded"]);
    expect(stderr).toMatch(/previous secret of key \w+ is accepted until 2.*\(in 60 min\)/);
    for (const secret of [key, fresh].map(secretOf)) expect(stderr).not.toContain(secret);
    expect(await read(record.id)).toMatchObject({ version: 2, changedBy: "bob" });
  });

  test("with --grace 0 asks first, ends the old secret at once, and says how long caches hold", async () => {
    const { key, record } = await table.issue();
    const refused = await run(`rotate ${record.id} --grace 0`);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--yes is missing")]);
    const no = personWhoSays("n");
    expect(await run(`rotate ${record.id} --grace 0`, no)).toMatchObject({ code: 1, stdout: "" });
    expect(no.asked).toEqual([`End the present secret of key ${record.id}, and any earlier one, at once? [y/N] `]);
    expect(await verify(key)).toEqual([]);
    vi.stubEnv("SALLYPORT_CACHE_TTL", "300");
    const { stderr, stdout } = await run(`rotate ${record.id} --grace 0`, personWhoSays("y"));
    expect(stderr).toContain("for up to 5 min more");
    expect([await verify(key), await verify(stdout.trim())]).toEqual(["key_secret_replaced", []]);
  });

  test("is refused while an earlier grace goes on, unless it is to end", async () => {
    const { key, record } = await table.issue();
    await run(`rotate ${record.id}`);
    const { code, stdout, stderr } = await run(`rotate ${record.id}`);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining("previous secret is accepted until")]);
    expect(stderr).toContain("Z. --end-earlier-grace ends it now; --grace 0 ends every earlier secret.");
    expect(stderr).not.toContain(".000Z");
    expect(await run(`rotate ${record.id} --end-earlier-grace --yes`)).toMatchObject({ code: 0 });
    expect(await verify(key)).toBe("key_mismatch");
  });

  test.each(["91d", "1", "soon"])("refuses --grace %s", async (grace) => {
    const { code, stderr } = await run(`rotate ${"0".repeat(16)} --grace ${grace}`);
    expect([code, stderr]).toEqual([2, expect.stringContaining("allowed is 0, or a number followed by d, h or m")]);
  });
});

describe("disable and enable", () => {
  test("say what the key is now, and how long caches hold", async () => {
    const { key, record } = await table.issue();
    vi.stubEnv("SALLYPORT_CACHE_TTL", "0");
    const disabled = await run(`disable ${record.id} --reason audit --json`);
    expect(JSON.parse(disabled.stdout)).toMatchObject({ status: "disabled", version: 2, changeReason: "audit" });
    expect(disabled.stderr).toContain("Nothing is cached");
    expect(await verify(key)).toBe("key_disabled");
    expect((await run(`enable ${record.id}`)).stderr).toContain("is enabled, version 3");
    expect((await run(`enable ${record.id}`)).stderr).toContain("is enabled already, version 3");
    expect(await verify(key)).toEqual([]);
  });
});

describe("revoke", () => {
  test("asks first, and a no changes nothing", async () => {
    const { key, record } = await table.issue({ owner: "team-a" });
    const no = personWhoSays("");
    expect(await run(`revoke ${record.id}`, no)).toMatchObject({ code: 1, stderr: "Nothing was changed.\n" });
    expect(no.asked).toEqual([`Revoke key ${record.id} (Partner, owner team-a) for good? [y/N] `]);
    expect(await verify(key)).toEqual([]);
    expect(await run(`revoke ${record.id}`, personWhoSays("yes"))).toMatchObject({ code: 0 });
    expect(await verify(key)).toBe("key_revoked");
  });

  test("refuses without a terminal and without --yes, before anything is read", async () => {
    const config = () => Promise.reject(new Error("the database is not to be opened"));
    for (const argv of [`revoke ${"0".repeat(16)}`, "revoke --owner a", `delete ${"0".repeat(16)}`]) {
      const { code, stderr } = await run(argv, { config });
      expect([code, stderr]).toEqual([2, expect.stringContaining("--yes is missing")]);
    }
  });

  test("says how long caches may serve the key: the configured time, or where it is configured", async () => {
    const [one, other] = [await table.issue(), await table.issue()];
    vi.stubEnv("SALLYPORT_CACHE_TTL", "300");
    expect((await run(`revoke ${one.record.id} --yes`)).stderr).toContain("for up to 5 min more");
    vi.stubEnv("SALLYPORT_CACHE_TTL", undefined);
    expect((await run(`revoke ${other.record.id} --yes`)).stderr).toContain("ReauthorizeEvery of the template");
  });

  test("keeps who was first, and says so", async () => {
    const { record } = await table.issue();
    await run(`revoke ${record.id} --yes --by alice`);
    const { code, stderr } = await run(`revoke ${record.id} --by bob --yes`);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/is revoked already, since 2.* by alice\./)]);
  });

  test("ends a key whose record is damaged", async () => {
    const { record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const item = { ...itemOf(record), unknown: { S: "x" } };
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: item }));
    client.destroy();
    const asked = personWhoSays("y");
    expect(await run(`revoke ${record.id}`, asked)).toMatchObject({ code: 0 });
    expect(asked.asked[0]).toContain("whose record is damaged");
  });

  test.each(["owner", "tenant"])("of an %s ends all its keys and no other, and says how many", async (by) => {
    const mine = await Promise.all(Array.from({ length: 11 }, () => table.issue({ [by]: `gone-${by}` })));
    const other = await table.issue({ [by]: "stays" });
    await run(`revoke ${mine[0]?.record.id} --yes`);
    const person = personWhoSays("y");
    vi.stubEnv("SALLYPORT_CACHE_TTL", "60");
    const { code, stdout, stderr } = await run(`revoke --${by} gone-${by} --reason offboarded --json`, person);
    expect(code).toBe(0);
    expect(stderr).toMatch(new RegExp(`^ID +STATUS[^]*${mine[3]?.record.id}[^]*10 keys of the`));
    expect(person.asked).toEqual([`Revoke 10 keys of the ${by} gone-${by} for good? [y/N] `]);
    const { revoked, failed } = JSON.parse(stdout);
    expect([revoked.length, failed]).toEqual([10, []]);
    expect(stderr).toContain(`10 keys of the ${by} gone-${by} are revoked for good. Caches`);
    for (const { key } of mine) expect(await verify(key)).toBe("key_revoked");
    expect(await read(mine[3]?.record.id ?? "")).toMatchObject({ revokeReason: "offboarded" });
    expect(await verify(other.key)).toEqual([]);
    expect(await run(`revoke --${by} gone-${by} --yes`)).toMatchObject({
      ...{ code: 0, stderr: expect.stringContaining("nothing to revoke") },
    });
  });

  test("shows with --dry-run what would be revoked, without a question, and changes nothing", async () => {
    const { key, record } = await table.issue({ owner: "dry" });
    const { code, stdout, stderr } = await run("revoke --owner dry --dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain(record.id);
    expect(stderr).toContain("Would revoke 1 key of the owner dry. Nothing was changed.");
    expect((await run(`revoke ${record.id} --dry-run`)).stderr).toContain("Would revoke key");
    expect(await verify(key)).toEqual([]);
  });

  test("shows how far it is on a terminal", async () => {
    for (let n = 0; n < 9; n++) await table.issue({ owner: "many" });
    const { stderr } = await run("revoke --owner many --yes", { terminal: 80 });
    expect(stderr).toContain("100 % 9 of 9 keys");
  });

  test.each(["owner", "tenant"])("of an %s that no key has is a mistake, and no success", async (by) => {
    for (const option of ["--yes", "--dry-run"]) {
      const { code, stderr } = await run(`revoke --${by} nobody ${option}`);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`No key, not even a revoked one, is of the ${by} nobody`),
      ]);
    }
  });

  test("of many prints their ids, one in each line", async () => {
    const { record } = await table.issue({ owner: "lines" });
    expect(await run("revoke --owner lines --yes")).toMatchObject({ code: 0, stdout: `${record.id}\n` });
  });

  test("of a key and a tenant says that it is one or the other", async () => {
    const { code, stderr } = await run(`revoke ${"0".repeat(16)} --tenant acme --yes`);
    expect([code, stderr]).toEqual([2, expect.stringContaining("ends one key, --tenant all keys of it: give one")]);
  });

  test.each(["", "--owner a --tenant b"])("refuses %j: which keys?", async (which) => {
    const { code, stderr } = await run(`revoke ${which.replace("ID", "0".repeat(16))} --yes`.replace("  ", " "));
    expect([code, stderr]).toEqual([2, expect.stringContaining("Which keys? Give one of")]);
  });
});

describe("a whole key with a made-up secret is left alone: whoever knows its id could end a partner's key", () => {
  test.each([
    "revoke KEY --yes",
    "revoke KEY --dry-run",
    "disable KEY",
    "enable KEY",
    "rotate KEY",
    "rotate KEY --grace 0 --yes",
  ])("%s", async (command) => {
    const { key, record } = await table.issue();
    const made = generateSecret("sp", "live", record.id).text;
    const { code, stdout, stderr } = await run(command.replace("KEY", made));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`Key ${record.id}: Its secret is not one of this key's`);
    expect(stderr).toContain("Nothing was changed. If you mean the key all the same, give its id alone.");
    expect(stderr).not.toContain(secretOf(made));
    expect(await read(record.id)).toEqual(record);
    expect(await verify(key)).toEqual([]);
  });

  test("and so is one that was replaced, and one of another environment", async () => {
    const { key, record } = await table.issue();
    await run(`rotate ${record.id} --grace 0 --yes`);
    expect(await run(`revoke ${key} --yes`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no longer accepted"),
    });
    const other = generateSecret("sp", "test", record.id).text;
    expect(await run(`revoke ${other} --yes`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("another environment"),
    });
    expect(await read(record.id)).toMatchObject({ status: "active" });
  });
});

describe("a secret is not called accepted", () => {
  const past = { by: "test", time: Math.floor(Date.now() / 1000) - 7200 };

  test("after the rotation of a key that has expired, or beyond its end", async () => {
    const { record } = await table.issue();
    await updateKey(table.store, record.id, { expiresIn: 3600 }, past);
    const expired = await run(`rotate ${record.id}`);
    expect(expired.stderr).toMatch(/^Key \w+ has expired, 2.* ago\): no secret of it is accepted\./);
    expect((await run(`show ${record.id}`)).stdout).toMatch(/previous secret +refused since 2.* ago\)\n/);
    const soon = (await table.issue()).record;
    await run(`update ${soon.id} --expires-in 1h`);
    const end = new Date(((await read(soon.id))?.expiresAt ?? 0) * 1000).toISOString().replace(".000", "");
    expect((await run(`rotate ${soon.id} --grace 7d`)).stderr).toContain(`is accepted until ${end} `);
    expect((await run(`show ${soon.id}`)).stdout).toContain(`accepted until ${end} `);
  });

  test("while the key is disabled, or when it is revoked", async () => {
    const { key, record } = await table.issue();
    await run(`disable ${record.id}`);
    expect((await run(`rotate ${record.id}`)).stderr).toContain("is disabled: no secret of it is accepted.");
    expect((await run(`show ${record.id}`)).stdout).toContain("refused while the key is disabled; its grace ends 2");
    expect((await run("identify", { input: key })).stdout).toContain(
      "the one before the last rotation, of a key that is disabled\n",
    );
    await run(`revoke ${record.id} --yes`);
    expect((await run(`show ${record.id}`)).stdout).toContain("refused: the key is revoked\n");
    const { stdout } = await run("identify", { input: key });
    expect(stdout).toContain("the one before the last rotation, of a key that is revoked\n");
    expect(stdout).not.toMatch(/accepted|previous secret ends/);
  });
});

describe("delete", () => {
  test("is refused before the revocation; afterwards it asks", async () => {
    const { record } = await table.issue();
    const { code, stderr } = await run(`delete ${record.id} --yes`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("only a revoked key can be deleted")]);
    await run(`revoke ${record.id} --yes`);
    expect(await run(`delete ${record.id}`, personWhoSays("no"))).toMatchObject({ code: 1 });
    expect(await read(record.id)).toBeDefined();
    expect(await run(`delete ${record.id}`, personWhoSays("y"))).toMatchObject({ code: 0 });
    expect(await read(record.id)).toBeUndefined();
  });
});
