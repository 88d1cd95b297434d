import { createHash, randomUUID } from "node:crypto";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { REGION, streamArn } from "../../events/arn.ts";
import type { StreamView } from "../resources.ts";

/** An item, as DynamoDB's protocol writes it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** What a write did to an item. */
export interface Change {
  readonly table: string;
  readonly view: StreamView;
  readonly keys: Item;
  /** The item before, and after; undefined if there was none. */
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly sequence: bigint;
}

/** The record of a change in a table's stream, as Lambda gets it. */
export function streamRecord({ table, view, keys, before, after, time, sequence }: Change): DynamoDBRecord {
  const withNew = view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  const withOld = view === "OLD_IMAGE" || view === "NEW_AND_OLD_IMAGES";
  const images = { ...(withNew && after && { NewImage: after }), ...(withOld && before && { OldImage: before }) };
  return {
    eventID: randomUUID().replaceAll("-", ""),
    eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: REGION,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(time / 1000),
      Keys: keys,
      ...images,
      SequenceNumber: String(sequence),
      SizeBytes: [keys, ...Object.values(images)].reduce((sum, item) => sum + sizeOf(item), 0),
      StreamViewType: view,
    },
    eventSourceARN: streamArn(table),
  };
}

/** Names the item of a record: records with the same name stay in order. */
export const itemName = (keys: Item | undefined): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(keys ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))))
    .digest("hex");

/** Bytes of an item, roughly as DynamoDB counts them: names and values. */
function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return Buffer.byteLength(String(value));
  return Object.entries(value).reduce((sum, [name, each]) => sum + Buffer.byteLength(name) + sizeOf(each), 0);
}
