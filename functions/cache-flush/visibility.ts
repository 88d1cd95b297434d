import { ChangeMessageVisibilityCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";

/** Says when a message that failed comes again. */
export type Postpone = (record: SQSRecord) => Promise<void>;

/** Seconds until a message comes again at most. */
const LONGEST = 60;

/** Seconds until a message comes again that was received so many times: 1, 2, 4 and so on. */
export const backoff = (received: number): number => Math.min(2 ** Math.max(0, received - 1), LONGEST);

/** The queue would repeat a message after its visibility timeout, which is long enough for the slowest invocation. */
export function postponeIn(queueUrl: string): Postpone {
  const client = new SQSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  return async ({ receiptHandle: ReceiptHandle, attributes }) => {
    const VisibilityTimeout = backoff(Number(attributes.ApproximateReceiveCount));
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }));
  };
}
