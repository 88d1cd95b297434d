import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

/** Asks for flushes of the authorizer caches. */
export interface FlushQueue {
  /**
   * Asks for a flush that starts now or later, and for another one two seconds after it, or later.
   *
   * @param now milliseconds since the epoch
   * @param remembered seconds for which authorizers may still decide by what was before
   */
  request(now: number, remembered: number): Promise<void>;
}

/**
 * Seconds until the second flush. A decision that read the key before the change may be cached after the first one. It is
 * answered within a second of its reading, or not at all.
 */
const SECOND_FLUSH = 2;

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 3000;

/** The queue of a URL. A standard queue: others take no delay for one message. */
export function flushQueue(url: string): FlushQueue {
  const client = new SQSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: ATTEMPT, requestTimeout: ATTEMPT, throwOnRequestTimeout: true },
  });
  const send = (after: number, DelaySeconds: number) =>
    client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify({ after }), DelaySeconds }));
  return {
    async request(now, remembered) {
      const delay = SECOND_FLUSH + remembered;
      await Promise.all([send(now, 0), send(now + delay * 1000, delay)]);
    },
  };
}
