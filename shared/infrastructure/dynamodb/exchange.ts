import { type ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { checkBodies, ITEM_LENGTH } from "./checked-body.ts";
import { noteSendings } from "./sending-time.ts";

/** Limits of one exchange with a table. Times are in milliseconds. */
export interface ExchangeLimits {
  /** All attempts together, with their bodies and the pauses between them. */
  readonly whole: number;
  /** The connection and the headers of one attempt, and again its body. */
  readonly attempt: number;
  /** The longest answer in bytes. Default: one that holds an item. */
  readonly longest?: number;
}

/**
 * For requests, whose callers wait. The first attempt of a cold start loads the SDK's code and connects; one that hangs
 * leaves time for another.
 */
export const REQUEST_LIMITS: ExchangeLimits = { whole: 1500, attempt: 1000 };

/** For commands: the credentials of a developer's machine may come over the network. */
export const COMMAND_LIMITS: ExchangeLimits = { whole: 20_000, attempt: 5000 };

/** One exchange: a command that the client sends with the given options. */
type Exchange<Output> = (client: DynamoDBClient, options: { readonly abortSignal: AbortSignal }) => Promise<Output>;

/** A table and its client. */
export interface TableClient {
  /** Members of the input of every command. The answer to `exchange` is checked by them. */
  readonly input: { readonly TableName: string; readonly ReturnConsumedCapacity: "TOTAL" };
  /**
   * Sends one command, within the limits. Resolves with an answer that is DynamoDB's, about this table: one that says
   * what it consumed.
   *
   * @throws the error of the SDK, or an `UnprovenAnswer`
   */
  exchange<Output extends { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] | undefined }>(
    send: Exchange<Output>,
    signal?: AbortSignal,
  ): Promise<Output>;
}

/** An answer of 200 that is not DynamoDB's, such as an empty body or a page of a proxy. It decides nothing. */
export class UnprovenAnswer extends Error {
  override readonly name = "UnprovenAnswer";
  readonly code = "UNPROVEN_ANSWER";
}

/** The client of a table, with one retry. */
export function tableClient(table: string, { whole, attempt, longest = ITEM_LENGTH }: ExchangeLimits): TableClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: attempt, requestTimeout: attempt, throwOnRequestTimeout: true },
  });
  checkBodies(client, attempt, longest);
  noteSendings(client);
  return {
    input: { TableName: table, ReturnConsumedCapacity: "TOTAL" },
    async exchange(send, signal) {
      const answer = await within(whole, signal, (abortSignal) => send(client, { abortSignal }));
      const tables = [answer.ConsumedCapacity ?? []].flat();
      if (tables.length !== 1 || !isAbout(table, tables[0]?.TableName)) throw new UnprovenAnswer();
      return answer;
    },
  };
}

/** Whether an answer is about a table. DynamoDB names the table as the command did. */
const isAbout = (table: string, named: string | undefined): boolean =>
  named === table || (named !== undefined && named !== "" && table.endsWith(`:table/${named}`));

/**
 * Ends an exchange after some milliseconds, or with the signal. The SDK's limits are of one attempt, and its pauses
 * heed no signal.
 */
async function within<Output>(
  limit: number,
  signal: AbortSignal | undefined,
  start: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> {
  const end = new AbortController();
  const ended = Promise.withResolvers<never>();
  const stop = () => {
    ended.reject(Object.assign(new Error("the exchange took too long"), { name: "TimeoutError" }));
    end.abort();
  };
  const timer = setTimeout(stop, limit);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (signal?.aborted) stop();
    return await Promise.race([ended.promise, start(end.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
