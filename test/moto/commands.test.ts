import { randomUUID } from "node:crypto";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { sqsQueues } from "../../functions/key-commands/queue.ts";
import { NOW } from "../fixtures.ts";
import { send } from "../functions/key-commands/fixture.ts";
import { createKeyTableFixture } from "../providers/api-key/fixture.ts";
import { propertiesOf } from "../template.ts";
import { MOTO, MOTO_ENVIRONMENT } from "./moto.ts";

/** Commands from the bus to the dead letters, through the clients of EventBridge and SQS, against moto. */
describe.skipIf(!MOTO)("with moto", () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(MOTO_ENVIRONMENT)) vi.stubEnv(name, value);
  });

  test("a command on the bus revokes a key, and a wrong one ends among the dead letters with its reason", async () => {
    const sqs = new SQSClient({});
    const created = ["commands", "dead"].map((name) =>
      sqs.send(new CreateQueueCommand({ QueueName: `${name}-${randomUUID()}` })),
    );
    const [queue = "", dead = ""] = (await Promise.all(created)).map(({ QueueUrl = "" }) => QueueUrl);
    const bus = await commandBus(sqs, queue);
    const take = async (QueueUrl: string) => {
      const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] });
      return (await sqs.send(command)).Messages ?? [];
    };
    const table = await createKeyTableFixture();
    const { record } = await table.issue({ tenant: "acme" });
    await bus("RevokeKeysOfTenant", { tenant: "acme", reason: "contract ended" });
    await bus("RevokeKeysOfTenants", { tenant: "acme", reason: "contract ended" });

    // moto leaves out the account, which EventBridge writes.
    const bodies = (await take(queue)).map(({ Body = "" }) =>
      JSON.stringify({ ...JSON.parse(Body), account: "123456789012" }),
    );
    expect(bodies).toHaveLength(2);
    const queues = sqsQueues(queue, dead);
    expect(await send({ config: table.config, table: table.store }, queues, bodies)).toEqual([]);

    const stored = await table.store.get(record.id, new AbortController().signal);
    expect(stored.record).toMatchObject({ status: "revoked", revokedBy: "command:acme/123456789012" });
    const [buried] = await take(dead);
    expect(buried?.MessageAttributes).toMatchObject({ reason: { StringValue: "command_unknown" } });
    // The second pass waits.
    const attributes = new GetQueueAttributesCommand({
      QueueUrl: queue,
      AttributeNames: ["ApproximateNumberOfMessagesDelayed"],
    });
    expect((await sqs.send(attributes)).Attributes).toMatchObject({ ApproximateNumberOfMessagesDelayed: "1" });
  });
});

/** A bus with the rule of the template. @returns what puts a command on it */
async function commandBus(sqs: SQSClient, QueueUrl: string) {
  const events = new EventBridgeClient({});
  const EventBusName = `commands-${randomUUID()}`;
  await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  const EventPattern = JSON.stringify(propertiesOf("CommandRule").EventPattern);
  await events.send(new PutRuleCommand({ Name: "all", EventBusName, EventPattern }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const Targets = [{ Id: "queue", Arn: Attributes?.QueueArn ?? "" }];
  await events.send(new PutTargetsCommand({ Rule: "all", EventBusName, Targets }));
  return async (DetailType: string, detail: object) => {
    const entry = {
      EventBusName,
      Source: "acme",
      DetailType,
      Detail: JSON.stringify(detail),
      Time: new Date(NOW * 1000),
    };
    await events.send(new PutEventsCommand({ Entries: [entry] }));
  };
}
