import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { generateApiKey, generateSecret } from "../../../providers/api-key/format.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { rotateKey } from "../../../providers/api-key/management/rotate.ts";
import { disableKey } from "../../../providers/api-key/management/status.ts";
import { configOf } from "../../fixtures.ts";
import { inProcess, personWhoSays } from "../in-process.ts";
import { createKeysFixture, type KeysFixture, secretOf } from "./fixture.ts";

/** `sallyport keys identify`. */

let table: KeysFixture;
beforeAll(async () => {
  table = await createKeysFixture();
});
afterAll(() => table.close());

const now = () => Math.floor(Date.now() / 1000);

/** The text goes in by standard input, and no part of the secret comes out. */
async function identify(text: string, option = "--json") {
  const outcome = await table.run(`identify ${option}`.trim(), { input: `${text}\n` });
  const secret = text.split("_")[3] ?? "";
  if (secret.length > 20) expect(outcome.stdout + outcome.stderr).not.toContain(secret.slice(0, 20));
  return { ...outcome, found: option === "--json" ? JSON.parse(outcome.stdout) : undefined };
}

describe("says of a string", () => {
  test("which key it is, and that its secret is the current one", async () => {
    const { key, record } = await table.issue({ owner: "team-a" });
    const { code, found } = await identify(key);
    expect(code).toBe(0);
    expect(found).toMatchObject({
      ...{ prefix: "sp", environment: "live", id: record.id, secret: "current" },
      record: { name: "Partner", owner: "team-a", status: "active" },
    });
    expect(JSON.stringify(found)).not.toMatch(/hash/i);
  });

  test("that it is a key, if there is a line around it", async () => {
    const { key, record } = await table.issue();
    expect((await identify(`curl -H "Authorization: ApiKey ${key}" https://a.example`)).found).toMatchObject({
      ...{ id: record.id, secret: "current" },
    });
  });

  test("that its secret is the previous one, accepted or not", async () => {
    const [one, other] = [await table.issue(), await table.issue()];
    const change = { by: "bob", time: now() };
    await rotateKey(table.store, one.record.id, table.config, change, { grace: 3600 });
    await rotateKey(table.store, other.record.id, table.config, change, { grace: 0 });
    expect(await identify(one.key)).toMatchObject({ code: 0, found: { secret: "previous" } });
    expect(await identify(other.key)).toMatchObject({ code: 1, found: { secret: "ended" } });
  });

  test("that its secret is not one of the key's", async () => {
    const { record } = await table.issue();
    const made = generateSecret("sp", "live", record.id).text;
    expect(await identify(made)).toMatchObject({ code: 1, found: { secret: "other", id: record.id } });
  });

  test("that it is an id alone", async () => {
    const { record } = await table.issue();
    expect(await identify(record.id)).toMatchObject({ code: 0, found: { secret: "absent", id: record.id } });
  });

  test("that the pepper cannot be read", async () => {
    const { key } = await table.issue();
    const apiKeys = { ...table.config, peppers: [{ id: "gone", secret: { environment: "TEST_PEPPER_NEW" } }] };
    const config = async () => ({ ...configOf(), apiKeys });
    const { code, stdout } = await inProcess(["keys", "identify", key, "--json"], { config });
    expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ secret: "unchecked" })]);
  });

  test("that its record is damaged", async () => {
    const { key, record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const item = { ...itemOf(record), unknown: { S: "x" } };
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: item }));
    client.destroy();
    expect(await identify(key)).toMatchObject({ code: 1, found: { problem: "damaged" } });
  });

  const { text } = generateApiKey("sp", "live");
  test.each([
    ["is of no table", text, "unknown"],
    ["has a typo", `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`, "checksum"],
    ["is cut", text.slice(0, 40), "checksum"],
    ["is of another environment", generateApiKey("sp", "test").text, "environment"],
    ["is of another configuration", generateApiKey("xx", "live").text, "prefix"],
    ["is no key", "hunter2", "form"],
    ["is two keys", `${text} ${generateApiKey("sp", "live").text}`, "several"],
  ])("that it %s", async (_what, given, problem) => {
    expect(await identify(given)).toMatchObject({ code: 1, found: { problem } });
    expect((await identify(given, "")).stdout).toMatch(/\.\n$/);
  });
});

describe("offers to revoke a key", () => {
  test("that is genuine, at a terminal, and revokes it after a yes", async () => {
    const { key, record } = await table.issue();
    const no = personWhoSays("n");
    await table.run(`identify ${key}`, no);
    expect(no.asked).toEqual(["Revoke it for good? [y/N] "]);
    const { code, stdout, stderr } = await table.run(`identify ${key} --reason leaked --by bob`, personWhoSays("y"));
    expect([code, stdout]).toEqual([0, expect.stringContaining("right: the current one")]);
    expect(stderr).toContain("is revoked for good");
    expect(stdout + stderr).not.toContain(secretOf(key));
    const { record: after } = await table.store.get(record.id, new AbortController().signal);
    expect(after).toMatchObject({ status: "revoked", revokedBy: "bob", revokeReason: "leaked" });
    const again = personWhoSays("y");
    expect((await table.run(`identify ${key}`, again)).stdout).toMatch(/status +revoked 2.* by bob: leaked\n/);
    expect(again.asked).toEqual([]);
  });

  test("but not one whose secret is made up: whoever knows an id could end a partner's key", async () => {
    const { record } = await table.issue();
    const person = personWhoSays("y");
    const { stderr } = await table.run(`identify ${generateSecret("sp", "live", record.id).text}`, person);
    expect(person.asked).toEqual([]);
    expect(stderr).toContain(`If you mean this key all the same: sallyport keys revoke ${record.id}`);
  });

  test("by the command for it, without a terminal", async () => {
    const { key, record } = await table.issue();
    await disableKey(table.store, record.id, { by: "a", time: now() });
    const { stdout, stderr } = await identify(key, "");
    expect(stdout).toMatch(/status +disabled\n/);
    expect(stderr).toBe(`To end it for good: sallyport keys revoke ${record.id}\n`);
  });
});

test("asks a person for the string, which the terminal does not show", async () => {
  const { key, record } = await table.issue();
  const ask = vi.fn(async (question: string) => (question.startsWith("The string") ? key : "n"));
  const { stdout } = await table.run("identify", { person: { ask } });
  expect(ask.mock.calls[0]).toEqual(["The string (it is not shown): ", true]);
  expect(stdout).toContain(record.id);
});

test.each([
  ["nothing", " ", "Which string?"],
  ["more than a line", "x".repeat(70_000), "too long"],
])("refuses %s on standard input", async (_what, input, message) => {
  const { code, stderr } = await table.run("identify", { input });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
