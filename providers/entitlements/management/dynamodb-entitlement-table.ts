import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { COMMAND_LIMITS, type ExchangeLimits, tableClient } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { itemOf, partitionKey, recordOf } from "../item.ts";
import type { EntitlementRecord } from "../record.ts";
import { type RecordRef, recordKey } from "../record-key.ts";
import { type EntitlementTable, VersionConflict } from "./entitlement-table.ts";
import { pageOf } from "./pages.ts";

/** Whether what the table holds is what a change would have made of it. */
type IsDone = (current: EntitlementRecord | undefined) => boolean;

/**
 * The table of entitlements in DynamoDB. Every change is conditional on the version that it was made from. If an answer
 * is lost the client repeats the call, which then fails for its own change: the record's `changeId` tells it from
 * another's.
 */
export function dynamoDbEntitlementTable(table: string, limits: ExchangeLimits = COMMAND_LIMITS): EntitlementTable {
  const client = tableClient(table, limits);
  const { input, exchange } = client;

  async function get(ref: RecordRef): Promise<EntitlementRecord | undefined> {
    const key = recordKey(ref);
    const command = new GetItemCommand({ ...input, Key: partitionKey(key), ConsistentRead: true });
    try {
      const { Item } = await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      return Item && recordOf(key, Item);
    } catch (error) {
      throw error instanceof TroubleError ? error : new TroubleError("entitlements_unavailable", error);
    }
  }

  /** @throws {VersionConflict} unless what the table holds is what the change would have made of it */
  async function settle(ref: RecordRef, error: unknown, isDone: IsDone): Promise<void> {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const current = await get(ref);
    if (!isDone(current)) throw new VersionConflict(current);
  }

  return {
    get,

    async put(record, before) {
      const command = new PutItemCommand({ ...input, Item: itemOf(record), ...conditionFor(before) });
      try {
        await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      } catch (error) {
        await settle(record, error, (current) => current?.changeId === record.changeId);
      }
    },

    async remove(before) {
      const command = new DeleteItemCommand({
        ...{ ...input, Key: partitionKey(recordKey(before)) },
        ...conditionFor(before),
      });
      try {
        await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      } catch (error) {
        await settle(before, error, (current) => current === undefined);
      }
    },

    async removeDamaged(ref) {
      const command = new DeleteItemCommand({
        ...{ ...input, Key: partitionKey(recordKey(ref)), ReturnValues: "ALL_OLD" },
      });
      const { Attributes } = await exchange((dynamoDb, options) => dynamoDb.send(command, options));
      return Attributes !== undefined;
    },

    page: (query, options) => pageOf(client, query, options),
  };
}

/** The condition that the table holds what a change was made from. */
function conditionFor(before: EntitlementRecord | undefined) {
  if (!before) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    // A record of the same version may be another one, which was made after a deletion.
    ConditionExpression: "#version = :version AND #changeId = :changeId",
    ExpressionAttributeNames: { "#version": "version", "#changeId": "changeId" },
    ExpressionAttributeValues: { ":version": { N: String(before.version) }, ":changeId": { S: before.changeId } },
  };
}
