import { type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Milliseconds for one attempt, the connection included: somebody waits for the answer. */
const TIMEOUT = 1000;

/** A table as all of ours are: one item a key, and forgetful. `template.yaml` has the same. */
export const tableDefinition = (name: string) =>
  ({
    TableName: name,
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  }) as const satisfies CreateTableCommandInput;

/** Attribute by which a table forgets: seconds since the epoch. */
export const TTL_ATTRIBUTE = "ttl";

/** A client that gives up soon: at most one attempt more than the first. */
export const dynamoDbClient = () =>
  new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });
