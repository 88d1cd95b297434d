import { queueArn } from "../events/arn.ts";
import { StackError } from "../gateway/stack-error.ts";
import { logFilter } from "./logs/filter-pattern.ts";
import type { CloudResources, TargetResource } from "./resources.ts";

/**
 * Checks that what feeds functions exists, before anything is started or replaced.
 *
 * @param functions logical ids of the template's functions
 * @throws {StackError} that names what is missing, or what is not supported
 */
export function checkResources(resources: CloudResources, functions: readonly string[]): void {
  const { tables, queues, buses, rules, streamSources, queueSources, subscriptions, schedules, logGroups } = resources;
  const demand = (fact: boolean, message: string) => {
    if (!fact) throw new StackError(message);
  };
  const hasQueue = (arn: string) => queues.some(({ name }) => queueArn(name) === arn);
  for (const { name, redrive } of queues) {
    demand(!redrive || hasQueue(redrive.queue), `${name}: there is no queue ${redrive?.queue}.`);
  }
  for (const { name, bus, targets } of rules) {
    demand(["default", ...buses].includes(bus), `${name}: there is no event bus ${bus}.`);
    for (const target of targets) demand(exists(target), `${name}: there is no target ${target.arn}.`);
  }
  for (const { name, table } of streamSources) {
    const hasStream = tables.some((each) => each.name === table && each.view);
    demand(hasStream, `${name}: there is no table ${table} with a stream.`);
  }
  for (const { name, queue } of queueSources) demand(hasQueue(queueArn(queue)), `${name}: there is no queue ${queue}.`);
  for (const { name, function: target, logGroup, pattern } of subscriptions) {
    demand(logGroups[target] !== logGroup, `${name}: the function would be invoked for its own log, without an end.`);
    logFilter(pattern);
  }
  for (const { name, function: target } of [...streamSources, ...queueSources, ...subscriptions, ...schedules]) {
    demand(functions.includes(target), `${name}: there is no function ${target}.`);
  }

  function exists({ arn }: TargetResource): boolean {
    const id = functionIn(arn);
    return id !== undefined ? functions.includes(id) : !isQueueArn(arn) || hasQueue(arn);
  }
}

/** The logical id of a function, in its ARN as the reader of templates writes it; undefined for any other ARN. */
export const functionIn = (arn: string): string | undefined => /^(\w+)\.(?:Arn|Alias)$/.exec(arn)?.[1];

export const isQueueArn = (arn: string): boolean => /^arn:[\w-]+:sqs:/.test(arn);
