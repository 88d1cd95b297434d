import { checkPattern } from "../../cloud/bus/event-pattern.ts";
import type { BatchSource, QueueSource, StreamSource } from "../../cloud/resources.ts";
import { StackError } from "../stack-error.ts";
import type { FunctionEvent } from "./function-events.ts";
import type { Properties } from "./resource.ts";

/** The event `DynamoDB` of a function. @throws {StackError} for a filter that is not supported */
export function streamSource(event: FunctionEvent): StreamSource {
  const { Stream, BisectBatchOnFunctionError, DestinationConfig } = event.properties;
  const { Destination } = Object(Object(DestinationConfig).OnFailure) as Properties;
  const limit = (name: string) => {
    const value = Number(event.properties[name] ?? -1);
    return value < 0 ? Number.POSITIVE_INFINITY : value;
  };
  return {
    ...batchSource(event, 100),
    table: /:table\/([^/]+)\/stream\//.exec(String(Stream))?.[1] ?? String(Stream),
    maxRetries: limit("MaximumRetryAttempts"),
    maxAge: limit("MaximumRecordAgeInSeconds"),
    bisect: BisectBatchOnFunctionError === true,
    ...(typeof Destination === "string" && { onFailure: Destination }),
  };
}

/** The event `SQS` of a function. @throws {StackError} for a filter that is not supported */
export function queueSource(event: FunctionEvent): QueueSource {
  return { ...batchSource(event, 10), queue: nameInArn(event.properties.Queue) };
}

/** The name at the end of an ARN, or of a URL. */
export const nameInArn = (arn: unknown): string => String(arn).split(/[:/]/).at(-1) ?? "";

function batchSource({ name, function: target, properties }: FunctionEvent, batchSize: number): BatchSource {
  const {
    BatchSize = batchSize,
    MaximumBatchingWindowInSeconds = 0,
    FunctionResponseTypes,
    FilterCriteria,
  } = properties;
  const filters = ((Object(FilterCriteria) as Properties).Filters ?? []) as { Pattern?: unknown }[];
  return {
    ...{ name, function: target, batchSize: Number(BatchSize), window: Number(MaximumBatchingWindowInSeconds) },
    partial: [FunctionResponseTypes].flat().includes("ReportBatchItemFailures"),
    filters: filters.map(({ Pattern }) => patternOf(Pattern, `${name}.FilterCriteria`)),
  };
}

/** A pattern, as an object or as its JSON. @throws {StackError} if it is not supported */
export function patternOf(value: unknown, where: string): unknown {
  const pattern = typeof value === "string" ? parse(value, where) : value;
  checkPattern(pattern, where);
  return pattern;
}

/** A text of JSON. @throws {StackError} if it is none */
export function jsonText(value: unknown, where: string): string {
  parse(String(value), where);
  return String(value);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StackError(`${where}: ${text} is not JSON.`);
  }
}
