import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

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
