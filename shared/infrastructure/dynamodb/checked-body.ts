import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The longest answer with one item in bytes. An item has at most 400 KB, and its JSON is little longer. */
export const ITEM_LENGTH = 1024 * 1024;

/** The response of the SDK's HTTP handler, as far as it is read here. */
interface Response {
  readonly headers: Readonly<Record<string, string>>;
  body: Readable | Uint8Array;
}

/** The answer is longer than its reader takes. The same request would have the same answer. */
export class AnswerTooLong extends Error {
  override readonly name = "AnswerTooLong";
  readonly code = "ANSWER_TOO_LONG";
}

/** The answer is empty, or not the one that its checksum is of. The client tries again. */
class DamagedAnswer extends Error {
  override readonly name = "DamagedAnswer";
  readonly code = "DAMAGED_ANSWER";
  /** The mark by which the SDK knows what to retry. */
  readonly $retryable = {};
}

/**
 * Has a client read the body of each attempt within a limit of time, which the SDK does not have, and compare it with
 * the checksum that DynamoDB sends (`x-amz-crc32`), which the SDK ignores.
 *
 * @param limit milliseconds from the headers to the end of the body
 * @param longest bytes of a body
 */
export function checkBodies(client: DynamoDBClient, limit: number, longest: number): void {
  client.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given);
      const response = result.response as Response;
      if (response.body instanceof Uint8Array) return result;
      const body = await bytesOf(response.body, limit, longest);
      const checksum = response.headers["x-amz-crc32"];
      if (body.length === 0 || (checksum !== undefined && Number(checksum) !== crc32(body))) throw new DamagedAnswer();
      response.body = body;
      return result;
    },
    // Between the HTTP handler and the SDK's own deserializer, and so once for each attempt.
    { step: "deserialize", priority: "low", name: "checkBodies" },
  );
}

async function bytesOf(stream: Readable, limit: number, longest: number): Promise<Uint8Array> {
  const late = Object.assign(new Error("the body took too long"), { name: "TimeoutError" });
  const timer = setTimeout(() => stream.destroy(late), limit);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > longest) throw new AnswerTooLong();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
  }
}
