import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { conditionHeld } from "../../shared/infrastructure/dynamodb/condition.ts";
import { tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";
import { TTL_ATTRIBUTE } from "../../shared/infrastructure/dynamodb/table.ts";
import type { Stage } from "./stages.ts";

/** When a stage was flushed, in milliseconds since the epoch. */
export interface Times {
  /** The start of the last attempt. */
  readonly attempted: number;
  /** The start of the last flush that succeeded. */
  readonly lastStart: number;
}

/** What all instances of the function know of the flushes. */
export interface FlushTimes {
  read(stage: Stage): Promise<Times>;
  /** Takes the right to the next attempt. Resolves with false if another attempt began within the interval. */
  claim(stage: Stage, now: number, interval: number): Promise<boolean>;
  /** Records that the flush that started at an instant has succeeded. */
  succeed(stage: Stage, start: number): Promise<void>;
}

/**
 * Milliseconds by which a time may be ahead. A later one is that of a wrong clock, and would stop the flushes until then.
 */
export const AHEAD = 5000;

const LIMITS = { whole: 1500, attempt: 700 };

/** Days for which a stage that is never flushed again stays in the table. */
const RETENTION = 30;

/** The times in the table of what is known about keys beside their records. */
export function flushTimes(table: string): FlushTimes {
  const { input, exchange } = tableClient(table, LIMITS);
  const keyOf = ({ path }: Stage) => ({ pk: { S: `FLUSH#${path}` } });

  /** Sets one time, unless the table has a later one. Resolves with false if it has. */
  async function set(stage: Stage, name: "attempted" | "lastStart", time: number, above: number): Promise<boolean> {
    const command = new UpdateItemCommand({
      ...{ ...input, Key: keyOf(stage) },
      UpdateExpression: "SET #time = :time, #ttl = :ttl",
      ConditionExpression: "attribute_not_exists(#time) OR #time <= :above OR #time > :ahead",
      ExpressionAttributeNames: { "#time": name, "#ttl": TTL_ATTRIBUTE },
      ExpressionAttributeValues: {
        ":time": { N: String(time) },
        ":above": { N: String(above) },
        ":ahead": { N: String(time + AHEAD) },
        ":ttl": { N: String(Math.floor(time / 1000) + RETENTION * 86_400) },
      },
    });
    return conditionHeld(exchange((dynamoDb, options) => dynamoDb.send(command, options)));
  }

  return {
    async read(stage) {
      const command = new GetItemCommand({ ...input, Key: keyOf(stage), ConsistentRead: true });
      const { Item = {} } = await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      return { attempted: Number(Item.attempted?.N ?? 0), lastStart: Number(Item.lastStart?.N ?? 0) };
    },
    claim: (stage, now, interval) => set(stage, "attempted", now, now - interval),
    async succeed(stage, start) {
      await set(stage, "lastStart", start, start);
    },
  };
}
