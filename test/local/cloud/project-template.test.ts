import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";

/** The project's own functions, run by the events of its own template. */

const stackName = `test-${process.pid}-${Date.now()}`;
const told: CloudRecord[] = [];
let stack: LocalStack;
let client: DynamoDBClient;
beforeAll(async () => {
  stack = await startLocalStack({ template: "template.yaml", stackName, onCloud: (record) => told.push(record) });
  client = new DynamoDBClient({ endpoint: stack.access.environment.AWS_ENDPOINT_URL_DYNAMODB ?? "" });
});
afterAll(async () => {
  client.destroy();
  await stack.close();
});

/** Failures are in the message of a test that waits in vain. */
const failures = () => JSON.stringify(told.filter(({ kind }) => kind !== "event"));

test("the first use of a key in an hour is in the table of last uses, from the authorizer's log", async () => {
  const key = await (await fetch(`${stack.issuers}/api-key?scope=orders:read`)).text();
  const [, , id = ""] = key.split("_");
  await fetch(`${stack.gateway.urls.RestApi}/whoami`, { headers: { Authorization: `ApiKey ${key}` } });
  const uses = async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: `${stackName}-KeyActivityTable` }));
    return `${JSON.stringify(Items)} ${failures()}`;
  };
  await expect.poll(uses, { timeout: 15_000 }).toContain(id);
});
