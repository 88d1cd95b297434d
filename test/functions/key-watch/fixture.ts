import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { vi } from "vitest";
import { useTable } from "../../../functions/key-use/use-table.ts";
import { createHandler } from "../../../functions/key-watch/create-handler.ts";
import { firstState } from "../../../functions/key-watch/watch-state.ts";
import { type WatchTable, watchTable } from "../../../functions/key-watch/watch-table.ts";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { EVENTS, type SallyportEvent } from "../../../shared/domain/events/events.ts";
import { COMMAND_LIMITS } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { activityTableDefinition, keysTableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import type { EventBus } from "../../../shared/infrastructure/event-bus/event-bus.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";

export const DAY = 86_400;

/** One database for all tests of a file, which have tables of their own. */
export async function oneDatabase(): Promise<{ close(): Promise<void> }> {
  const { endpoint, close } = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  return { close };
}

/** The schedule, with a table of keys and a table of activity, and a bus that keeps its events. */
export interface WatchFixture extends KeyTableFixture {
  readonly bus: EventBus;
  /** Every event so far. */
  readonly sent: SallyportEvent[];
  /** Names and keys of the events since the last look whose names begin so. */
  news(prefix?: string): string[];
  /** Has the schedule done its work until an instant. It ran for the first time at `since`. */
  startAt(time: number, since?: number): Promise<void>;
  /** Puts a record as it is. */
  put(record: KeyRecord, changes?: object): Promise<void>;
  /** Records a last use, as key-use does. */
  use(keyId: string, hour: number): Promise<void>;
  /** Runs the schedule at an instant. */
  runAt(time: number, options?: RunOptions): Promise<unknown>;
}

export interface RunOptions {
  readonly config?: Partial<Config>;
  readonly fetch?: typeof globalThis.fetch;
  readonly bus?: EventBus;
  readonly keys?: Partial<KeyTable>;
  readonly table?: Partial<WatchTable>;
  readonly remaining?: () => number;
  readonly keysOfARun?: number;
}

export async function createWatchFixture(): Promise<WatchFixture> {
  const fixture = await createKeyTableFixture(keysTableDefinition);
  const activity = `activity-${randomUUID()}`;
  await createTable(fixture.endpoint, activityTableDefinition(activity));
  const table = watchTable(activity, COMMAND_LIMITS);
  const client = new DynamoDBClient({ endpoint: fixture.endpoint });
  const sent: SallyportEvent[] = [];
  let looked = 0;
  const kept: EventBus = {
    put: async (events) => {
      for (const { name, detail } of events) v.parse(EVENTS[name], detail);
      sent.push(...events);
      return events.map(() => undefined);
    },
  };
  return {
    ...fixture,
    bus: kept,
    sent,
    news(prefix = "") {
      const events = sent.slice(looked);
      looked = sent.length;
      return events
        .map(({ name, detail }) =>
          [name, "withinDays" in detail && detail.withinDays, "key" in detail && detail.key.id]
            .filter(Boolean)
            .join(" "),
        )
        .filter((text) => text.startsWith(prefix))
        .sort();
    },
    startAt: (time, since = NOW) => table.keep({ ...firstState(time), since }),
    put: async (record, changes) => {
      const Item = { ...itemOf(record), ...changes };
      await client.send(new PutItemCommand({ TableName: fixture.config.table, Item }));
    },
    use: (keyId, hour) => useTable(activity).record(keyId, { first: hour, last: hour }),
    runAt: async (time, { config, fetch = () => Promise.reject(new Error("offline")), bus = kept, ...more } = {}) => {
      vi.setSystemTime(time * 1000);
      const handler = createHandler({
        loadConfig: async () => ({ ...configOf({}), apiKeys: fixture.config, ...config }),
        openKeys: () => ({ ...fixture.store, ...more.keys }),
        table: { ...table, ...more.table },
        ...{ bus, fetch, keysOfARun: more.keysOfARun ?? 1000 },
      });
      return handler({}, { ...lambdaContext(), getRemainingTimeInMillis: more.remaining ?? (() => 300_000) });
    },
    close: async () => {
      client.destroy();
      await fixture.close();
    },
  };
}
