import { createHash } from "node:crypto";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { type Item, itemOf, partitionKey } from "../../../providers/api-key/item.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { NOW } from "../../fixtures.ts";

export const RECORD: KeyRecord = {
  id: "8J2kQp0vXnYd3RtL",
  hash: new Uint8Array(32).fill(7),
  pepper: "pepper-1",
  environment: "live",
  status: "active",
  name: "Partner",
  tenant: "acme",
  owner: "team-a",
  scopes: ["orders:read", "orders:write"],
  roles: ["batch"],
  addresses: ["192.0.2.0/24", "198.51.100.0/24"],
  attributes: { plan: "gold" },
  createdAt: NOW - 1000,
  createdBy: "alice",
  version: 3,
  changeId: "c3",
  changedAt: NOW - 500,
  changedBy: "bob",
  changeReason: "as agreed",
};

/** The next version of a record, changed by carol. */
export const changed = (before: KeyRecord, fields: Partial<KeyRecord>): KeyRecord => ({
  ...before,
  version: (before.version ?? 1) + 1,
  changeId: `c${(before.version ?? 1) + 1}`,
  changedAt: NOW,
  changedBy: "carol",
  changeReason: "because",
  ...fields,
});

/** The end of an event's id, of a change with a mark. */
export const markOf = (changeId: string) => createHash("sha256").update(changeId).digest("hex").slice(0, 12);

export interface Given {
  /** A record, or the item of a damaged one. */
  readonly before?: KeyRecord | Item;
  readonly after?: KeyRecord | Item;
  readonly sequence?: string;
  readonly time?: number;
  readonly isTimeToLive?: boolean;
}

/** A record of the stream as Lambda hands it over. */
export function streamRecord({
  before,
  after,
  sequence = "4421584500000000017450439091",
  ...given
}: Given): DynamoDBRecord {
  const [old, young] = [before && streamItem(before), after && streamItem(after)];
  return {
    eventID: sequence,
    eventName: old ? (young ? "MODIFY" : "REMOVE") : "INSERT",
    dynamodb: {
      ApproximateCreationDateTime: given.time ?? NOW,
      Keys: { pk: (young ?? old)?.pk ?? { S: "" } },
      ...(young && { NewImage: young }),
      ...(old && { OldImage: old }),
      SequenceNumber: sequence,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
    ...(given.isTimeToLive && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
  };
}

const isRecord = (given: KeyRecord | Item): given is KeyRecord => typeof given.id === "string";

function streamItem(given: KeyRecord | Item): Record<string, AttributeValue> {
  const item = isRecord(given) ? itemOf(given) : given;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, withBase64(value)]));
}

/** Bytes are base64 in Lambda's JSON. */
const withBase64 = (value: Item[string]): AttributeValue =>
  value.B ? { B: Buffer.from(value.B).toString("base64") } : (value as AttributeValue);

/** The item of a record with attributes that no record has. */
export const damaged = (record: KeyRecord, attributes: Item = { scopes: { NULL: true } }): Item => ({
  ...itemOf(record),
  ...attributes,
  ...partitionKey(record.id),
});
