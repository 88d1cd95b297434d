import type { Properties, TemplateContents } from "./resource.ts";

/** What invokes a function, as the template states it. */
export interface FunctionEvent {
  /** `KeyEvents.Stream`, or the logical id of a resource. */
  readonly name: string;
  /** Logical id of the function. */
  readonly function: string;
  /** `DynamoDB` */
  readonly type: string;
  readonly properties: Properties;
}

/** The events of all functions, and the resources that stand for one. Events that are not enabled are left out. */
export function functionEvents({ resources }: TemplateContents): FunctionEvent[] {
  return resources
    .flatMap(({ name, type, properties }) => {
      if (type === "AWS::Serverless::Function") {
        const events = Object.entries(
          Object(properties.Events) as Record<string, { Type: string; Properties?: Properties }>,
        );
        return events.map(([key, { Type, Properties = {} }]) => ({
          ...{ name: `${name}.${key}`, function: name, type: Type, properties: Properties },
        }));
      }
      const found = standIn(type, properties);
      return found ? [{ name, ...found }] : [];
    })
    .filter(({ properties: { Enabled, State } }) => Enabled !== false && State !== "DISABLED");
}

/** The function's event that a resource of its own stands for. */
function standIn(type: string, properties: Properties): Omit<FunctionEvent, "name"> | undefined {
  const { EventSourceArn, FunctionName, DestinationArn, Target } = properties;
  if (type === "AWS::Lambda::EventSourceMapping") {
    const arn = String(EventSourceArn);
    const isQueue = arn.includes(":sqs:");
    const source = isQueue ? { Queue: arn } : { Stream: arn };
    return {
      function: functionOf(FunctionName),
      type: isQueue ? "SQS" : "DynamoDB",
      properties: { ...properties, ...source },
    };
  }
  if (type === "AWS::Logs::SubscriptionFilter") {
    return { function: functionOf(DestinationArn), type: "CloudWatchLogs", properties };
  }
  if (type === "AWS::Scheduler::Schedule") {
    const { Arn, Input } = Object(Target) as Properties;
    return { function: functionOf(Arn), type: "ScheduleV2", properties: { ...properties, Input } };
  }
  return undefined;
}

/** The logical id of a function that is named by its id or its ARN. */
export const functionOf = (value: unknown): string => String(value).replace(/\.(Arn|Alias)$/, "");
