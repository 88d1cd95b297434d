import { EventEmitter, once } from "node:events";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchTable } from "../../functions/key-watch/watch-table.ts";
import type { CloudRecord } from "../../local/cloud/report.ts";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { COMMAND_LIMITS } from "../../shared/infrastructure/dynamodb/exchange.ts";

/** The built functions in the local cloud: commands on their bus, and the schedule. */

const DAY = 86_400;
const records: CloudRecord[] = [];
const arrived = new EventEmitter();
let stack: LocalStack;
beforeAll(async () => {
  const onCloud = (record: CloudRecord) => {
    records.push(record);
    arrived.emit("record");
  };
  stack = await startLocalStack({ template: "template.yaml", stackName: "commanded", onCloud });
  // Keys are issued here with the pepper of the functions.
  Object.assign(process.env, stack.access.environment);
});
afterAll(() => stack.close());

/** Waits for an event on the bus of events. */
async function eventWith(id: string) {
  for (;;) {
    const found = records.find((each) => each.kind === "event" && JSON.stringify(each.detail).includes(id));
    if (found) return found;
    await once(arrived, "record");
  }
}

const apiKeys = () => stack.config.apiKeys as ApiKeysConfig;
const table = () => dynamoDbKeyTable(apiKeys().table);
const now = () => Math.floor(Date.now() / 1000);

async function command(DetailType: string, detail: object): Promise<void> {
  const client = new EventBridgeClient({ endpoint: stack.cloud.url });
  const entry = { EventBusName: "commanded-commands", Source: "acme.offboarding", DetailType };
  await client.send(new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify(detail) }] }));
  client.destroy();
}

test("a command on the bus revokes the keys of a tenant, and each is refused", async () => {
  const issue = (tenant: string) =>
    issueApiKey({ name: "Partner", tenant }, apiKeys(), table(), { by: "test", time: now() });
  const [one, two, other] = [await issue("leaver"), await issue("leaver"), await issue("stayer")];
  await command("RevokeKeysOfTenant", { tenant: "leaver", reason: "contract ended" });
  for (const { key, record } of [one, two]) {
    const event = await eventWith(`${record.id}:2:KeyRevoked`);
    expect(event).toMatchObject({ detail: { by: "command:acme.offboarding/123456789012", why: "contract ended" } });
    const { status } = await fetch(`${stack.gateway.urls.RestApi}/whoami`, {
      headers: { Authorization: `ApiKey ${key}` },
    });
    expect(status).toBe(401);
  }
  const { record } = await table().get(other.record.id, new AbortController().signal);
  expect(record).toMatchObject({ status: "active" });
});

test("a wrong command ends among the dead letters with its reason", async () => {
  await command("RevokeKeysOfTenants", { tenant: "stayer", reason: "contract ended" });
  const client = new SQSClient({ endpoint: stack.cloud.url });
  const QueueUrl = `${stack.cloud.url}/123456789012/commanded-CommandDeadLetters`;
  const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ["All"] });
  const { Messages } = await client.send(receive);
  client.destroy();
  expect(Messages).toMatchObject([{ MessageAttributes: { reason: { StringValue: "command_unknown" } } }]);
});

test("the schedule announces a key that ends in less than 30 days, and goes on where it stopped", async () => {
  const { record } = await issueApiKey(
    { name: "Partner", expiresIn: 90 * DAY },
    apiKeys(),
    table(),
    // It ends in an hour less than 30 days.
    { by: "test", time: now() - 60 * DAY - 3600 },
  );
  const activity = watchTable("commanded-KeyActivityTable", COMMAND_LIMITS);
  const [schedule] = stack.cloud.schedules.all;
  const fire = async () => expect(await stack.cloud.schedules.fire(schedule?.name ?? "")).not.toHaveProperty("error");
  await fire();
  const state = await activity.state();
  expect(state?.endsUntil).toBeGreaterThan(now() - 600);
  await activity.keep({ ...(state as NonNullable<typeof state>), endsUntil: now() - DAY });
  await fire();
  const event = await eventWith(":KeyExpiringSoon:30");
  expect(event).toMatchObject({ detail: { withinDays: 30, key: { id: record.id } } });
  await fire();
  const all = records.filter((each) => JSON.stringify(each).includes(":KeyExpiringSoon:30"));
  expect(all).toHaveLength(1);
});

test("every schedule of the template runs on this machine, and asks nobody outside", async () => {
  const { all } = stack.cloud.schedules;
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["SigningKeys.EveryHour"]));
  for (const { name } of all) expect(await stack.cloud.schedules.fire(name)).not.toHaveProperty("error");
});
