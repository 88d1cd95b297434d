import { createHash, randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { dynamoDbClient, TTL_ATTRIBUTE } from "../../shared/infrastructure/dynamodb/table.ts";

/** Identity of an assertion. The ID is unique for its issuer (SAML core 1.3.4). */
export interface UsedAssertion {
  readonly issuer: string;
  readonly id: string;
  /**
   * Seconds since the epoch. After this time the assertion is refused as expired, so the record is no longer needed.
   */
  readonly expiresAt: number;
}

/** A store of used assertions. */
export interface ReplayStore {
  /**
   * Records a use. Resolves with false if the assertion was used before.
   *
   * @throws {TroubleError} `replay_store_unavailable`
   */
  record(assertion: UsedAssertion, signal: AbortSignal): Promise<boolean>;
}

/**
 * Used assertions in a DynamoDB table. A use is one conditional PutItem, so only one of two concurrent requests
 * succeeds.
 */
export function dynamoDbReplayStore(table: string): ReplayStore {
  const client = dynamoDbClient();
  return {
    async record({ issuer, id, expiresAt }, abortSignal) {
      // If the response is lost, the client retries. The ID of the use shows that the existing record is its own.
      const use = randomUUID();
      const command = new PutItemCommand({
        TableName: table,
        Item: { pk: { S: keyOf(issuer, id) }, use: { S: use }, [TTL_ATTRIBUTE]: { N: String(expiresAt) } },
        ConditionExpression: "attribute_not_exists(pk) OR #use = :use",
        ExpressionAttributeNames: { "#use": "use" },
        ExpressionAttributeValues: { ":use": { S: use } },
      });
      try {
        await client.send(command, { abortSignal });
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw new TroubleError("replay_store_unavailable", error);
      }
    },
  };
}

/** A digest, because IDs and issuers can be longer than a partition key and need not be readable in the table. */
const keyOf = (issuer: string, id: string) =>
  `assertion#${createHash("sha256").update(`${issuer.length} ${issuer} ${id}`).digest("base64url")}`;
