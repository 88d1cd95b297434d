import type { QueueResource } from "../../cloud/resources.ts";
import { StackError } from "../stack-error.ts";
import type { Properties, TemplateResource } from "./resource.ts";

/** Seconds, as on AWS. */
const DEFAULTS = { delay: 0, visibilityTimeout: 30, retention: 345_600 };

/** `AWS::SQS::Queue`: a standard queue. @throws {StackError} for a FIFO queue */
export function queueOf({ name: id, physicalName: name, properties }: TemplateResource): QueueResource {
  const { FifoQueue, DelaySeconds, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = properties;
  if (FifoQueue === true || name.endsWith(".fifo")) throw new StackError(`${id}: FIFO queues are not supported.`);
  const policy = Object(typeof RedrivePolicy === "string" ? JSON.parse(RedrivePolicy) : RedrivePolicy) as Properties;
  const { deadLetterTargetArn: queue, maxReceiveCount = 10 } = policy;
  return {
    name,
    delay: Number(DelaySeconds ?? DEFAULTS.delay),
    visibilityTimeout: Number(VisibilityTimeout ?? DEFAULTS.visibilityTimeout),
    retention: Number(MessageRetentionPeriod ?? DEFAULTS.retention),
    ...(typeof queue === "string" && { redrive: { queue, maxReceiveCount: Number(maxReceiveCount) } }),
  };
}
