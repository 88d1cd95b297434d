import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Instant, instantNow } from "../remote/elapsed.ts";

const sendings = new WeakMap<object, Instant>();

/**
 * Has a client note, for each answer, when the attempt that it answers was sent: neither the first attempt, if that one
 * failed, nor the arrival of the answer. The table was read at some time in between, and what it says is not older.
 */
export function noteSendings(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => async (given) => {
      const sentAt = instantNow();
      const result = await next(given);
      if (result.output) sendings.set(result.output, sentAt);
      return result;
    },
    // Outside the SDK's own deserializer, whose output it sees, and inside the retries, and so once for each attempt.
    { step: "deserialize", priority: "high", name: "noteSendings" },
  );
}

/** When the attempt with this answer was sent. Undefined if no client of `tableClient` has received the answer. */
export const sentAt = (answer: object): Instant | undefined => sendings.get(answer);
