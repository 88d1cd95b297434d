import type { _Record, AttributeValue as SdkValue } from "@aws-sdk/client-dynamodb-streams";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { REGION, streamArn } from "../../events/arn.ts";
import type { Item } from "./record.ts";

/** A record of the SDK, as Lambda gives it to a function: times in seconds, bytes in base64, and local names. */
export function lambdaRecord(
  { eventID = "", eventName, dynamodb = {}, ...record }: _Record,
  table: string,
): DynamoDBRecord {
  const { ApproximateCreationDateTime, Keys, NewImage, OldImage, SequenceNumber, SizeBytes, StreamViewType } = dynamodb;
  const { userIdentity } = record;
  return {
    eventID: eventID.replaceAll("-", ""),
    eventName,
    eventVersion: record.eventVersion,
    eventSource: record.eventSource,
    awsRegion: REGION,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      ...(Keys && { Keys: itemOf(Keys) }),
      ...(NewImage && { NewImage: itemOf(NewImage) }),
      ...(OldImage && { OldImage: itemOf(OldImage) }),
      ...{ SequenceNumber, SizeBytes, StreamViewType },
    },
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
    eventSourceARN: streamArn(table),
  };
}

const itemOf = (item: Record<string, SdkValue>): Item =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeOf(value)]));

function attributeOf(value: SdkValue): AttributeValue {
  // DynamoDB Local's streams write an empty map without its type.
  if (Object.keys(value).length === 0) return { M: {} };
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(attributeOf) };
  if (value.M) return { M: { ...itemOf(value.M) } };
  return value as AttributeValue;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
