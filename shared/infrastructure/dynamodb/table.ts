import type { CreateTableCommandInput, GlobalSecondaryIndex } from "@aws-sdk/client-dynamodb";

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

/** Definition of the table of keys, with its indexes and its stream. `template.yaml` has the same. */
export const keysTableDefinition = (name: string): CreateTableCommandInput => ({
  ...tableDefinition(name),
  AttributeDefinitions: [
    ...tableDefinition(name).AttributeDefinitions,
    { AttributeName: "owner", AttributeType: "S" },
    { AttributeName: "tenant", AttributeType: "S" },
    { AttributeName: "createdAt", AttributeType: "N" },
    { AttributeName: "expiryBucket", AttributeType: "S" },
    { AttributeName: "expiresAt", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [
    index("by-owner", "owner", "createdAt"),
    index("by-tenant", "tenant", "createdAt"),
    index("by-expiry", "expiryBucket", "expiresAt"),
  ],
});

/** Definition of the table of what is known about keys beside their records. `template.yaml` has the same. */
export const activityTableDefinition = (name: string): CreateTableCommandInput => ({
  ...tableDefinition(name),
  AttributeDefinitions: [
    ...tableDefinition(name).AttributeDefinitions,
    { AttributeName: "useBucket", AttributeType: "S" },
    { AttributeName: "hour", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [index("by-last-use", "useBucket", "hour")],
});

/** Definition of the table of entitlements, with its indexes and its stream. `template.yaml` has the same. */
export const entitlementsTableDefinition = (name: string): CreateTableCommandInput => ({
  ...tableDefinition(name),
  AttributeDefinitions: [
    ...tableDefinition(name).AttributeDefinitions,
    { AttributeName: "issuerKey", AttributeType: "S" },
    { AttributeName: "tenant", AttributeType: "S" },
    { AttributeName: "createdAt", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [index("by-issuer", "issuerKey", "createdAt"), index("by-tenant", "tenant", "createdAt")],
});

const index = (name: string, partition: string, sort: string): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});
