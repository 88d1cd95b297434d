import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { CommandReason } from "./command-refused.ts";
import type { Continuation } from "./message.ts";

/** Milliseconds of one attempt. */
const TIMEOUT = 3000;

/** Where messages go that the function sends. */
export interface Queues {
  /** Has a command go on later. @param delay seconds, up to 900 */
  goOn(body: string, where: Continuation, delay?: number): Promise<void>;
  /** Puts a message among the dead letters, with the reason and what is wrong in its attributes. */
  bury(body: string, reason: CommandReason, mistakes: readonly string[]): Promise<void>;
}

/** The queue of commands and the queue of dead letters, by their URLs. */
export function sqsQueues(queue: string, deadLetters: string): Queues {
  const client = new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });
  return {
    async goOn(body, where, delay = 0) {
      const MessageBody = JSON.stringify({ ...JSON.parse(body), continuation: where });
      await client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody, DelaySeconds: delay }));
    },
    async bury(MessageBody, reason, mistakes) {
      const MessageAttributes = {
        reason: { DataType: "String", StringValue: reason },
        ...(mistakes.length > 0 && { mistakes: { DataType: "String", StringValue: mistakes.slice(0, 8).join("; ") } }),
      };
      await client.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody, MessageAttributes }));
    },
  };
}
