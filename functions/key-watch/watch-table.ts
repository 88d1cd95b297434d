import { createHash } from "node:crypto";
import { type AttributeValue, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { dayBuckets } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { type ExchangeLimits, tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";
import { readState, type WatchState } from "./watch-state.ts";

type Item = Record<string, AttributeValue>;

/** A key, and the hour of its last use in seconds since the epoch. */
export interface LastUse {
  readonly keyId: string;
  readonly hour: number;
}

/** What the schedule keeps in the table of activity, and reads there. */
export interface WatchTable {
  state(): Promise<WatchState | undefined>;
  keep(state: WatchState): Promise<void>;
  /** Whether an event was sent. @param eventId its deterministic id */
  wasSent(eventId: string): Promise<boolean>;
  noteSent(eventId: string, now: number): Promise<void>;
  wasEverUsed(keyId: string): Promise<boolean>;
  /** Keys whose last use is in a span of one UTC day, both inclusive, in pages. */
  lastUses(from: number, until: number): AsyncIterable<readonly LastUse[]>;
}

/** Partition keys of the table of activity. */
const USE = "USE#";
const STATE = { pk: { S: "WATCH" } } satisfies Item;

/** The notice of an event. The id may be longer than a key can be, and is hashed. */
const noticeKey = (eventId: string) =>
  ({ pk: { S: `NOTICE#${createHash("sha256").update(eventId).digest("base64url")}` } }) satisfies Item;

/** Seconds for which a notice is kept: longer than anything is announced for the second time. */
const RETENTION = 400 * 86_400;

const PAGE = 200;

/** The table of activity in DynamoDB. */
export function watchTable(table: string, limits: ExchangeLimits): WatchTable {
  if (table === "") throw new Error("SALLYPORT_ACTIVITY_TABLE names no table.");
  const { input, exchange } = tableClient(table, limits);

  async function get(Key: Item): Promise<Item | undefined> {
    const command = new GetItemCommand({ ...input, Key, ConsistentRead: true });
    return (await exchange((client, options) => client.send(command, options))).Item;
  }

  async function put(Item: Item): Promise<void> {
    const command = new PutItemCommand({ ...input, Item });
    await exchange((client, options) => client.send(command, options));
  }

  async function* usesIn(bucket: string, from: number, until: number): AsyncIterable<LastUse[]> {
    for (let last: Item | undefined, isFirst = true; isFirst || last; isFirst = false) {
      const command = new QueryCommand({
        ...{ ...input, IndexName: "by-last-use", Limit: PAGE },
        KeyConditionExpression: "#bucket = :bucket AND #hour BETWEEN :from AND :until",
        ExpressionAttributeNames: { "#bucket": "useBucket", "#hour": "hour" },
        ExpressionAttributeValues: {
          ...{ ":bucket": { S: bucket }, ":from": { N: String(from) }, ":until": { N: String(until) } },
        },
        ...(last && { ExclusiveStartKey: last }),
      });
      const { Items = [], LastEvaluatedKey } = await exchange((client, options) => client.send(command, options));
      yield Items.map(({ pk, hour }) => ({ keyId: pk?.S?.slice(USE.length) ?? "", hour: Number(hour?.N) }));
      last = LastEvaluatedKey;
    }
  }

  return {
    async state() {
      const text = (await get(STATE))?.state?.S;
      return text === undefined ? undefined : readState(text);
    },
    keep: (state) => put({ ...STATE, state: { S: JSON.stringify(state) } }),
    wasSent: async (eventId) => (await get(noticeKey(eventId))) !== undefined,
    noteSent: (eventId, now) => put({ ...noticeKey(eventId), ttl: { N: String(now + RETENTION) } }),
    wasEverUsed: async (keyId) => (await get({ pk: { S: `${USE}${keyId}` } })) !== undefined,
    async *lastUses(from, until) {
      for (const bucket of dayBuckets(from)) yield* usesIn(bucket, from, until);
    },
  };
}
