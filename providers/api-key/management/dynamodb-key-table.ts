import { isDeepStrictEqual } from "node:util";
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  COMMAND_LIMITS,
  type ExchangeLimits,
  tableClient,
  UnprovenAnswer,
} from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { dynamoDbStore } from "../dynamodb-store.ts";
import { type Item, isTombstone, itemOf, partitionKey, recordOf } from "../item.ts";
import { type KeyRecord, versionOf } from "../record.ts";
import { type KeyTable, VersionConflict } from "./key-table.ts";
import { pageOf } from "./pages.ts";
import { readTombstone, type Tombstone, tombstoneItem } from "./tombstone.ts";

/** The client's signal of calls that end by their limits alone. */
const { signal: NEVER } = new AbortController();

/** The longest page in bytes. DynamoDB ends one after a megabyte of items, whose JSON has the type of each value. */
const PAGE_LENGTH = 4 * 1024 * 1024;

/** Whether what the table holds is what a change would have made of it. */
type IsDone = (current: KeyRecord | undefined, deletion: Tombstone | undefined) => boolean;

/**
 * The table of keys in DynamoDB. Every change is conditional on the version that it was made from. If an answer is lost
 * the client repeats the call, which then fails for its own change: the record's `changeId` tells it from another's.
 */
export function dynamoDbKeyTable(table: string, limits: ExchangeLimits = COMMAND_LIMITS): KeyTable {
  const store = dynamoDbStore(table, limits);
  const client = tableClient(table, { ...limits, longest: PAGE_LENGTH });
  const { input, exchange } = client;

  /** @throws {VersionConflict} unless what the table holds is what the change would have made of it */
  async function settle(id: string, error: unknown, isDone: IsDone) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const { record: current } = await store.get(id, NEVER);
    const deletion = current ? undefined : await deletionOf(id);
    if (!isDone(current, deletion)) throw new VersionConflict(id, current, deletion);
  }

  async function putItem(id: string, Item: Item, condition: object, isDone: IsDone): Promise<void> {
    const command = new PutItemCommand({ ...input, Item, ...condition });
    try {
      await exchange((dynamoDb, options) => dynamoDb.send(command, options));
    } catch (error) {
      await settle(id, error, isDone);
    }
  }

  const put = (record: KeyRecord, condition: object, isDone: IsDone) =>
    putItem(record.id, itemOf(record), condition, isDone);

  async function deletionOf(id: string): Promise<Tombstone | undefined> {
    const command = new GetItemCommand({ ...input, Key: partitionKey(id), ConsistentRead: true });
    const { Item: item } = await exchange((dynamoDb, options) => dynamoDb.send(command, options));
    if (item && item.pk?.S !== partitionKey(id).pk.S) throw new UnprovenAnswer();
    return item && isTombstone(item) ? readTombstone(id, item) : undefined;
  }

  return {
    ...store,

    // All of the record is compared: two imported ones may have the last change in common and differ in what was edited.
    add: (record) =>
      put(record, { ConditionExpression: "attribute_not_exists(pk)" }, (current) =>
        isDeepStrictEqual(current, recordOf(record.id, itemOf(record))),
      ),

    replace: (record, before) =>
      put(record, unchangedSince(versionOf(before)), (current) => isChangeOf(record, current)),

    remove: (before, tombstone) =>
      putItem(
        before.id,
        tombstoneItem(tombstone),
        unchangedSince(versionOf(before)),
        // Another operator may have been first: then the tombstone is of that change.
        (_current, deletion) => deletion !== undefined && deletion.changeId === tombstone.changeId,
      ),

    deletionOf,

    async bury(tombstone) {
      const isAbsent = { ConditionExpression: "attribute_not_exists(pk)" };
      await putItem(tombstone.id, tombstoneItem(tombstone), isAbsent, (current) => current === undefined);
    },

    restore: (record, { version }) =>
      put(
        record,
        {
          ConditionExpression: "attribute_exists(deletedAt) AND attribute_not_exists(#hash) AND #version = :version",
          ExpressionAttributeNames: { "#hash": "hash", "#version": "version" },
          ExpressionAttributeValues: { ":version": { N: String(version) } },
        },
        (current) => isChangeOf(record, current),
      ),

    async assignUsage(id, version, usageIdentifierKey) {
      const unchanged = unchangedSince(version);
      const command = new UpdateItemCommand({
        ...{ ...input, Key: partitionKey(id) },
        UpdateExpression: usageIdentifierKey === undefined ? "REMOVE #usage" : "SET #usage = :usage",
        ConditionExpression: `${unchanged.ConditionExpression} AND #status <> :revoked`,
        ExpressionAttributeNames: {
          ...unchanged.ExpressionAttributeNames,
          ...{ "#usage": "usageIdentifierKey", "#status": "status" },
        },
        ExpressionAttributeValues: {
          ...unchanged.ExpressionAttributeValues,
          ":revoked": { S: "revoked" },
          ...(usageIdentifierKey !== undefined && { ":usage": { S: usageIdentifierKey } }),
        },
      });
      try {
        await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      } catch (error) {
        await settle(id, error, () => false);
      }
    },

    async revokeDamaged(id, environment) {
      const command = new UpdateItemCommand({
        ...input,
        Key: partitionKey(id),
        UpdateExpression: "SET #status = :revoked REMOVE #ttl",
        ConditionExpression:
          "attribute_exists(pk) AND (attribute_not_exists(deletedAt) OR attribute_exists(#hash))" +
          // An environment that cannot be read may be this one.
          (environment === undefined ? "" : " AND (NOT attribute_type(#environment, :text) OR #environment = :own)"),
        ExpressionAttributeNames: {
          ...{ "#status": "status", "#ttl": "ttl", "#hash": "hash" },
          ...(environment !== undefined && { "#environment": "environment" }),
        },
        ExpressionAttributeValues: {
          ":revoked": { S: "revoked" },
          ...(environment !== undefined && { ":text": { S: "S" }, ":own": { S: environment } }),
        },
        ReturnValues: "ALL_NEW",
      });
      try {
        const { Attributes } = await exchange((dynamoDb, options) => dynamoDb.send(command, options));
        if (Attributes?.pk?.S !== partitionKey(id).pk.S || Attributes.status?.S !== "revoked") {
          throw new UnprovenAnswer();
        }
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    page: (query, options) => pageOf(client, query, options),
  };
}

const isChangeOf = ({ changeId }: KeyRecord, current: KeyRecord | undefined) =>
  changeId !== undefined && current?.changeId === changeId;

/** The condition that the table holds the version of a record. One of before there were versions has none. */
function unchangedSince(version: number) {
  const isFirst = version === 1;
  return {
    ConditionExpression: `attribute_exists(#hash) AND (#version = :version${isFirst ? " OR attribute_not_exists(#version)" : ""})`,
    // What stays of a deleted key has no hash.
    ExpressionAttributeNames: { "#version": "version", "#hash": "hash" },
    ExpressionAttributeValues: { ":version": { N: String(version) } },
  };
}
