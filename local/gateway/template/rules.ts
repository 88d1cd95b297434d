import type { RuleResource, TargetInput, TargetResource } from "../../cloud/resources.ts";
import { jsonText, nameInArn, patternOf } from "./batch-sources.ts";
import type { FunctionEvent } from "./function-events.ts";
import type { Properties, TemplateContents, TemplateResource } from "./resource.ts";

/** Repetitions of a delivery that fails. AWS goes on for 24 hours, up to 185 times. */
const RETRIES = 185;

/** What a rule can deliver to: functions, queues and log groups. */
const TARGETS = /^(\w+\.(Arn|Alias)|arn:aws:(sqs|logs):.+)$/;

/** `AWS::Events::Rule`, unless it is for a schedule alone. Targets of other services are left out, and named. */
export function ruleOf({ name, properties }: TemplateResource, { unsupported }: TemplateContents): RuleResource[] {
  const { EventBusName, EventPattern, State, Targets } = properties;
  if (EventPattern === undefined || State === "DISABLED") return [];
  const targets = ((Targets ?? []) as Properties[]).map((target) =>
    targetOf(target, String(target.Arn), String(target.Id)),
  );
  for (const { arn, id } of targets) {
    if (!TARGETS.test(arn)) unsupported.push(`${name}.${id}: a target that is no function, queue or log group`);
  }
  const supported = targets.filter(({ arn }) => TARGETS.test(arn));
  return [{ name, bus: busOf(EventBusName), pattern: patternOf(EventPattern, name), targets: supported }];
}

/** The event `EventBridgeRule` of a function: a rule with the function as its target. */
export function functionRule({ name, function: target, properties }: FunctionEvent): RuleResource {
  const { EventBusName, Pattern, Target } = properties;
  const { Id = target } = Object(Target) as Properties;
  const targets = [targetOf(properties, `${target}.Arn`, String(Id))];
  return { name, bus: busOf(EventBusName), pattern: patternOf(Pattern, name), targets };
}

const busOf = (name: unknown) => (name === undefined ? "default" : nameInArn(name));

function targetOf(properties: Properties, arn: string, id: string): TargetResource {
  const { Arn: deadLetters } = Object(properties.DeadLetterConfig) as Properties;
  const { MaximumRetryAttempts = RETRIES } = Object(properties.RetryPolicy) as Properties;
  const input = inputOf(properties, id);
  return {
    ...{ id, arn, retries: Number(MaximumRetryAttempts) },
    ...(input && { input }),
    ...(typeof deadLetters === "string" && { deadLetters }),
  };
}

function inputOf({ Input, InputPath, InputTransformer }: Properties, where: string): TargetInput | undefined {
  if (Input !== undefined) return { text: jsonText(Input, where) };
  if (InputPath !== undefined) return { path: String(InputPath) };
  if (InputTransformer === undefined) return undefined;
  const { InputPathsMap, InputTemplate } = Object(InputTransformer) as Properties;
  return { paths: Object(InputPathsMap) as Record<string, string>, template: String(InputTemplate) };
}
