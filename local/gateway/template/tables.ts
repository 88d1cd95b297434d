import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { StreamView, TableResource } from "../../cloud/resources.ts";
import type { Properties, TemplateResource } from "./resource.ts";

/** The parts of a table that `CreateTable` takes as they are. */
const KEPT = ["AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes"] as const;

/** `AWS::DynamoDB::Table`, with its keys, its indexes and its stream, and always with capacity on demand. */
export function tableOf({ physicalName: name, properties }: TemplateResource): TableResource {
  const indexes = (properties.GlobalSecondaryIndexes ?? []) as Properties[];
  const { StreamViewType: view } = Object(properties.StreamSpecification) as { StreamViewType?: StreamView };
  const definition = {
    ...Object.fromEntries(KEPT.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]]))),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(indexOf) }),
    ...(view && { StreamSpecification: { StreamEnabled: true, StreamViewType: view } }),
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
  } as unknown as CreateTableCommandInput;
  return { name, definition, ...(view && { view }) };
}

const indexOf = ({ IndexName, KeySchema, Projection }: Properties) => ({ IndexName, KeySchema, Projection });
