import { ACCOUNT, busArn, logGroupArn, queueArn, streamArn, tableArn } from "../../events/arn.ts";
import type { Properties } from "./resource.ts";

/** Types of resources that have names, each with the property that gives the name. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "TableName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::Events::EventBus": "Name",
  "AWS::Logs::LogGroup": "LogGroupName",
};

/** Where queues seem to be. What a function sees of it is replaced by the address of the local queues. */
export const QUEUE_HOST = "http://sqs.invalid";

/** A resource as the template declares it, and the name of the stack. */
export interface Declared {
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly stackName: string;
}

/** The name of a resource, as CloudFormation would give it: the template's own, or of the stack's name and the id. */
export function nameOf({ id, type, properties, stackName }: Declared): string {
  const own = properties[NAME_PROPERTIES[type] ?? ""];
  return typeof own === "string" ? own : `${stackName}-${id}`;
}

const hasName = ({ type }: Declared) => Object.hasOwn(NAME_PROPERTIES, type);

/** The property that gives the name of a resource of this type. */
export const namePropertyOf = (type: string): string | undefined => NAME_PROPERTIES[type];

/** What `Ref` gives: a name, the URL of a queue, and the logical id of all other resources. */
export function referenceTo(resource: Declared): string {
  if (!hasName(resource)) return resource.id;
  const name = nameOf(resource);
  return resource.type === "AWS::SQS::Queue" ? `${QUEUE_HOST}/${ACCOUNT}/${name}` : name;
}

/** What `Fn::GetAtt` gives: real attributes of what has a name, and `Id.Attribute` for all other resources. */
export function attributeOf(resource: Declared, attribute: string): string {
  return (hasName(resource) ? attributesOf(resource)[attribute] : undefined) ?? `${resource.id}.${attribute}`;
}

function attributesOf(resource: Declared): Readonly<Record<string, string>> {
  const name = nameOf(resource);
  switch (resource.type) {
    case "AWS::DynamoDB::Table":
      return { Arn: tableArn(name), StreamArn: streamArn(name) };
    case "AWS::SQS::Queue":
      return { Arn: queueArn(name), QueueName: name, QueueUrl: referenceTo(resource) };
    case "AWS::Events::EventBus":
      return { Arn: busArn(name), Name: name };
    default:
      return { Arn: logGroupArn(name) };
  }
}
