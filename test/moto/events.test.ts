import { randomUUID } from "node:crypto";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../functions/key-events/create-handler.ts";
import { flushQueue } from "../../functions/key-events/flush-queue.ts";
import { eventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { lambdaContext } from "../functions/authorizer/lambda-context.ts";
import { changed, RECORD, streamRecord } from "../functions/key-events/stream-record.ts";
import { MOTO, MOTO_ENVIRONMENT } from "./moto.ts";

/** Changes of keys to the bus and to the queue of flushes, through the clients of EventBridge and SQS, against moto. */
describe.skipIf(!MOTO)("with moto", () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(MOTO_ENVIRONMENT)) vi.stubEnv(name, value);
  });

  test("a revocation reaches the targets of a rule, and asks for two flushes, one of them delayed", async () => {
    const [consumer = "", flushes = ""] = await Promise.all(["consumer", "flushes"].map(createQueue));
    const bus = await busWithRule(await attributeOf(consumer, "QueueArn"));
    const handler = createHandler({
      remembered: 0,
      ...{ bus: eventBus(bus), queue: flushQueue(flushes) },
      ...{ now: () => 1000, pause: async () => {} },
    });
    const Records = [
      streamRecord({ before: RECORD, after: changed(RECORD, { name: "Other" }), sequence: "1" }),
      streamRecord({ before: RECORD, after: changed(RECORD, { status: "revoked" }), sequence: "2" }),
    ];
    expect(await handler({ Records }, lambdaContext())).toEqual({ batchItemFailures: [] });

    const told = (await bodiesOf(consumer)) as { source: string; "detail-type": string; detail: { id: string } }[];
    expect(told).toMatchObject([
      {
        source: "sallyport",
        "detail-type": "KeyRevoked",
        detail: { id: expect.stringMatching(`^${RECORD.id}:4:KeyRevoked:`) },
      },
    ]);
    expect(await bodiesOf(flushes)).toEqual([{ after: 1000 }]);
    expect(await attributeOf(flushes, "ApproximateNumberOfMessagesDelayed")).toBe("1");
  });
});

async function createQueue(name: string): Promise<string> {
  const { QueueUrl = "" } = await new SQSClient({}).send(
    new CreateQueueCommand({ QueueName: `${name}-${randomUUID()}` }),
  );
  return QueueUrl;
}

async function attributeOf(QueueUrl: string, name: QueueAttributeName): Promise<string> {
  const { Attributes } = await new SQSClient({}).send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }),
  );
  return Attributes?.[name] ?? "";
}

async function bodiesOf(QueueUrl: string): Promise<unknown[]> {
  const { Messages = [] } = await new SQSClient({}).send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

/** A bus with a rule for revocations, as docs/events.md has it. @returns its name */
async function busWithRule(Arn: string): Promise<string> {
  const events = new EventBridgeClient({});
  const EventBusName = `events-${randomUUID()}`;
  await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  const EventPattern = JSON.stringify({ source: ["sallyport"], "detail-type": ["KeyRevoked"] });
  await events.send(new PutRuleCommand({ Name: "revoked", EventBusName, EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: "revoked", EventBusName, Targets: [{ Id: "queue", Arn }] }));
  return EventBusName;
}
