import { type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Timeout in milliseconds for the connection and for one attempt. A caller waits for the answer. */
const TIMEOUT = 1000;

/** Definition of both tables, with one partition key. `template.yaml` has the same. */
export const tableDefinition = (name: string) =>
  ({
    TableName: name,
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  }) as const satisfies CreateTableCommandInput;

/** Attribute of the time to live, in seconds since the epoch. */
export const TTL_ATTRIBUTE = "ttl";

/** A client with a short timeout and one retry. */
export const dynamoDbClient = () =>
  new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });
