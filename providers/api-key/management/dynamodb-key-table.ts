import { isDeepStrictEqual } from "node:util";
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
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
import { itemOf, partitionKey, recordOf } from "../item.ts";
import { type KeyRecord, versionOf } from "../record.ts";
import { type KeyTable, VersionConflict } from "./key-table.ts";
import { pageOf } from "./pages.ts";

/** The client's signal of calls that end by their limits alone. */
const { signal: NEVER } = new AbortController();

/** Whether what the table holds is what a change would have made of it. */
type IsDone = (current: KeyRecord | undefined) => boolean;

/**
 * The table of keys in DynamoDB. Every change is conditional on the version that it was made from. If an answer is lost
 * the client repeats the call, which then fails for its own change: the record's `changeId` tells it from another's.
 */
export function dynamoDbKeyTable(table: string, limits: ExchangeLimits = COMMAND_LIMITS): KeyTable {
  const store = dynamoDbStore(table, limits);
  const client = tableClient(table, limits);
  const { input, exchange } = client;

  /** @throws {VersionConflict} unless what the table holds is what the change would have made of it */
  async function settle(id: string, error: unknown, isDone: IsDone) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const { record: current } = await store.get(id, NEVER);
    if (!isDone(current)) throw new VersionConflict(id, current);
  }

  async function put(record: KeyRecord, condition: object, isDone: IsDone): Promise<void> {
    const command = new PutItemCommand({ ...input, Item: itemOf(record), ...condition });
    try {
      await exchange((dynamoDb, options) => dynamoDb.send(command, options));
    } catch (error) {
      await settle(record.id, error, isDone);
    }
  }

  return {
    ...store,

    // All of the record is compared: two imported ones may have the last change in common and differ in what was edited.
    add: (record) =>
      put(record, { ConditionExpression: "attribute_not_exists(pk)" }, (current) =>
        isDeepStrictEqual(current, recordOf(record.id, itemOf(record))),
      ),

    replace: (record, before) => put(record, unchangedSince(before), (current) => isChangeOf(record, current)),

    async remove(before) {
      const command = new DeleteItemCommand({ ...input, Key: partitionKey(before.id), ...unchangedSince(before) });
      try {
        await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      } catch (error) {
        await settle(before.id, error, (current) => current === undefined);
      }
    },

    async revokeDamaged(id) {
      const command = new UpdateItemCommand({
        ...input,
        Key: partitionKey(id),
        UpdateExpression: "SET #status = :revoked",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":revoked": { S: "revoked" } },
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
function unchangedSince(before: KeyRecord) {
  const isFirst = versionOf(before) === 1;
  return {
    ConditionExpression: `attribute_exists(pk) AND (#version = :version${isFirst ? " OR attribute_not_exists(#version)" : ""})`,
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": { N: String(versionOf(before)) } },
  };
}
