import { createHash, randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { dynamoDbClient, TTL_ATTRIBUTE } from "../../shared/infrastructure/dynamodb/table.ts";

/** An assertion by what makes it one (SAML core 1.3.4: an identity provider gives an ID to no other). */
export interface UsedAssertion {
  readonly issuer: string;
  readonly id: string;
  /** Seconds since the epoch: from when it is refused without any record. */
  readonly expiresAt: number;
}

/** Where used assertions are recorded. */
export interface ReplayStore {
  /** Records a use. Resolves with false if there was one before. @throws {TroubleError} `replay_store_unavailable` */
  record(assertion: UsedAssertion, signal: AbortSignal): Promise<boolean>;
}

/** Used assertions in a DynamoDB table: one conditional PutItem each, so that of two requests at the same time one is refused. */
export function dynamoDbReplayStore(table: string): ReplayStore {
  const client = dynamoDbClient();
  return {
    async record({ issuer, id, expiresAt }, abortSignal) {
      // The client sends a request again whose answer it missed: its own record must not look like somebody else's.
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

/** A digest: ids and issuers can be longer than a key, and are nobody's business in a table. */
const keyOf = (issuer: string, id: string) =>
  `assertion#${createHash("sha256").update(`${issuer.length} ${issuer} ${id}`).digest("base64url")}`;
