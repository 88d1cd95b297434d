import { randomBytes, randomInt } from "node:crypto";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { itemOf } from "../../providers/api-key/item.ts";

/** DynamoDB's limit of items in one batch request. */
const BATCH = 25;
const LANES = 8;

/**
 * Writes records of other, unused keys into a table: all of one tenant; fifty of one owner, the others of a thousand
 * owners; two hundred that end on one day, the others at any time in three years.
 */
export async function fillTable(endpoint: string, table: string, count: number): Promise<void> {
  const client = new DynamoDBClient({ endpoint });
  let [left, written] = [count, 0];
  const lane = async () => {
    while (left > 0) {
      const requests = Array.from({ length: Math.min(BATCH, left) }, () => ({
        PutRequest: { Item: strangersItem(written++) },
      }));
      left -= requests.length;
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      left += UnprocessedItems?.[table]?.length ?? 0;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  client.destroy();
}

/** The owner of fifty keys of each table. */
export const OWNER = "bench-owner";
/** The tenant of all keys of each table. */
export const TENANT = "acme";
/** 2027-01-15T00:00:00Z. */
export const BUSY_DAY = 1_799_971_200;
const CREATED = 1_700_000_000;
const THREE_YEARS = 3 * 365 * 86_400;

const strangersItem = (n: number) =>
  itemOf({
    ...{ id: randomBytes(12).toString("base64url"), hash: new Uint8Array(randomBytes(32)), pepper: "bench" },
    ...{ environment: "live", status: "active", name: "Stranger", createdAt: CREATED + n },
    ...{ owner: n < 50 ? OWNER : `owner-${n % 1000}`, tenant: TENANT },
    ...{ scopes: ["orders:read"], roles: [], attributes: {} },
    expiresAt: n < 200 ? BUSY_DAY + randomInt(86_400) : BUSY_DAY + randomInt(THREE_YEARS),
  });
