import { randomUUID } from "node:crypto";
import { DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { useKey } from "../../../functions/key-use/use-table.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";

/** The last use of a key, from a request to the local gateway through the function that the template subscribes. */

let stack: LocalStack;
let database: DynamoDBClient;
beforeAll(async () => {
  // Tables of its own, also in a database that other tests use.
  stack = await startLocalStack({ template: "template.yaml", stackName: `test-${randomUUID()}` });
  for (const [name, value] of Object.entries(stack.access.environment)) vi.stubEnv(name, value);
  database = new DynamoDBClient();
  return () => vi.unstubAllEnvs();
});
afterAll(async () => {
  database.destroy();
  await stack.close();
});

const activity = () => (stack.config.apiKeys?.table ?? "").replace("KeysTable", "KeyActivityTable");
const issue = async (query = "") => (await fetch(`${stack.issuers}/api-key${query}`)).text();
const ask = (key: string) =>
  fetch(`${stack.gateway.urls.RestApi}/whoami`, { headers: { Authorization: `ApiKey ${key}` } });

test("a request with a key is a use of it, and a refused key has none", async () => {
  const [used, revoked] = [await issue(), await issue("?status=revoked")];
  expect((await ask(revoked)).status).toBe(401);
  const before = Date.now() / 1000;
  expect((await ask(used)).status).toBe(200);
  const after = Date.now() / 1000;
  const [, , id = ""] = used.split("_");
  const item = await vi.waitUntil(
    async () => {
      const { Item } = await database.send(new GetItemCommand({ TableName: activity(), Key: useKey(id) }));
      return Item;
    },
    { timeout: 20_000 },
  );
  const hour = Number(item.hour?.N);
  expect(hour % 3600).toBe(0);
  expect(hour + 3600).toBeGreaterThan(before);
  expect(hour).toBeLessThanOrEqual(after);
  const { Items = [] } = await database.send(new ScanCommand({ TableName: activity() }));
  expect(Items.map(({ pk }) => pk?.S).filter((pk) => pk?.startsWith("USE#"))).toEqual([`USE#${id}`]);
  // No part of the key but its id is anywhere.
  expect(JSON.stringify(Items)).not.toContain(used.slice(26, 40));
});
