import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { CommandReason } from "../../../functions/key-commands/command-refused.ts";
import { createHandler } from "../../../functions/key-commands/create-handler.ts";
import type { Continuation } from "../../../functions/key-commands/message.ts";
import type { Queues } from "../../../functions/key-commands/queue.ts";
import type { CommandTools } from "../../../functions/key-commands/run-command.ts";
import { NOW } from "../../fixtures.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";

/** An event of the bus for commands, as EventBridge puts it into the queue. */
export const commandEvent = (name: string, detail: unknown, overrides: object = {}): string =>
  JSON.stringify({
    ...{ version: "0", id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": name, source: "acme.offboarding" },
    ...{ account: "123456789012", time: new Date(NOW * 1000).toISOString(), region: "eu-west-1", resources: [] },
    detail,
    ...overrides,
  });

export interface Buried {
  readonly body: string;
  readonly reason: CommandReason;
  readonly mistakes: readonly string[];
}

/** Queues that keep what they are sent. */
export function keptQueues() {
  const waiting: { body: string; delay: number }[] = [];
  const buried: Buried[] = [];
  const queues: Queues = {
    goOn: async (body: string, where: Continuation, delay = 0) => {
      waiting.push({ body: JSON.stringify({ ...JSON.parse(body), continuation: where }), delay });
    },
    bury: async (body, reason, mistakes) => {
      buried.push({ body, reason, mistakes });
    },
  };
  return { waiting, buried, queues };
}

/** Sends messages to the function in one batch. @returns the ids of those that failed: their places in the list */
export async function send(
  tools: CommandTools,
  queues: Queues,
  bodies: readonly string[],
  { remaining = 60_000, attempt = 1 } = {},
): Promise<string[]> {
  const Records = bodies.map(
    (body, index) =>
      ({
        ...{ body, messageId: String(index), receiptHandle: "", md5OfBody: "", messageAttributes: {} },
        ...{ eventSource: "aws:sqs", eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:q", awsRegion: "eu-west-1" },
        attributes: { ApproximateReceiveCount: String(attempt) },
      }) as unknown as SQSRecord,
  );
  const answer = await createHandler(tools, queues)({ Records }, lambdaContext(remaining));
  return (answer as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
