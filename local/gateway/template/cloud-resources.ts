import { checkResources } from "../../cloud/check-resources.ts";
import type { CloudResources, LogSubscription, ScheduleResource } from "../../cloud/resources.ts";
import { jsonText, queueSource, streamSource } from "./batch-sources.ts";
import { type FunctionEvent, functionEvents } from "./function-events.ts";
import { queueOf } from "./queues.ts";
import type { Properties, TemplateContents } from "./resource.ts";
import { functionRule, ruleOf } from "./rules.ts";
import { tableOf } from "./tables.ts";

/** Types of functions' events that are routes of APIs. */
const ROUTES = ["Api", "HttpApi"];

/**
 * Reads the resources around the functions of a template.
 *
 * @throws {StackError} if one uses what is not supported, or what is not there
 */
export function cloudResources(contents: TemplateContents): CloudResources {
  const { resources, unsupported } = contents;
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const events = functionEvents(contents);
  const eventsOf = (...types: string[]) => events.filter(({ type }) => types.includes(type));
  for (const { name, type } of events) {
    if (!ROUTES.includes(type) && !SUPPORTED.includes(type)) unsupported.push(`${name}: the event source ${type}`);
  }
  const found: CloudResources = {
    tables: ofType("AWS::DynamoDB::Table").map(tableOf),
    queues: ofType("AWS::SQS::Queue").map(queueOf),
    buses: ofType("AWS::Events::EventBus").map(({ physicalName }) => physicalName),
    rules: [
      ...ofType("AWS::Events::Rule").flatMap((rule) => ruleOf(rule, contents)),
      ...eventsOf("EventBridgeRule", "CloudWatchEvent").map(functionRule),
    ],
    schedules: eventsOf("Schedule", "ScheduleV2").map(scheduleOf),
    streamSources: eventsOf("DynamoDB").map(streamSource),
    queueSources: eventsOf("SQS").map(queueSource),
    subscriptions: eventsOf("CloudWatchLogs").map(subscriptionOf),
    logGroups: Object.fromEntries(
      ofType("AWS::Serverless::Function").map(({ name, properties }) => [name, logGroupOf(name, properties)]),
    ),
  };
  checkResources(found, Object.keys(found.logGroups));
  return found;
}

/** Types of functions' events that the local cloud has. */
const SUPPORTED = ["DynamoDB", "SQS", "EventBridgeRule", "CloudWatchEvent", "Schedule", "ScheduleV2", "CloudWatchLogs"];

function scheduleOf({ name, function: target, properties }: FunctionEvent): ScheduleResource {
  const { Schedule, ScheduleExpression = Schedule, Input } = properties;
  return {
    ...{ name, function: target, expression: String(ScheduleExpression) },
    ...(Input !== undefined && { input: jsonText(Input, name) }),
  };
}

function subscriptionOf({ name, function: target, properties }: FunctionEvent): LogSubscription {
  const { LogGroupName, FilterPattern = "" } = properties;
  return { name, function: target, logGroup: String(LogGroupName), pattern: String(FilterPattern) };
}

/** The log group of a function: its own, or the one that Lambda makes. */
function logGroupOf(name: string, { LoggingConfig }: Properties): string {
  const { LogGroup } = Object(LoggingConfig) as Properties;
  return typeof LogGroup === "string" ? LogGroup : `/aws/lambda/${name}`;
}
