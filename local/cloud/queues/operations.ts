import { ACCOUNT, queueArn } from "../../events/arn.ts";
import { AwsError } from "../aws-error.ts";
import type { Input, Operations } from "../endpoint.ts";
import type { Faults } from "../faults.ts";
import { type Message, type MessageAttribute, md5, type Queue } from "./queue.ts";
import type { Queues } from "./queues.ts";

/** Bytes of a message, and of all messages of a batch. */
const LIMIT = 1024 * 1024;

type Entry = Input & { readonly Id?: string };

/**
 * The operations of SQS that a client of a standard queue needs.
 *
 * @param url of the endpoint, which is in the URLs of queues
 */
export function queueOperations(queues: Queues, faults: Faults, url: () => string): Operations {
  const queueOf = ({ QueueUrl }: Input) => queues.named(QueueUrl);
  const urlOf = (name: string) => `${url()}/${ACCOUNT}/${name}`;
  const operations: Operations = {
    SendMessage: (input) => send(queueOf(input), input, queues),
    SendMessageBatch: (input) => eachEntry(input, (entry) => sendEntry(queueOf(input), entry, faults, queues)),
    ReceiveMessage: (input) => receive(queueOf(input), input),
    DeleteMessage: (input) => queueOf(input).delete(String(input.ReceiptHandle)),
    DeleteMessageBatch: (input) =>
      eachEntry(input, ({ ReceiptHandle }) => queueOf(input).delete(String(ReceiptHandle))),
    ChangeMessageVisibility: (input) => changeVisibility(queueOf(input), input),
    ChangeMessageVisibilityBatch: (input) => eachEntry(input, (entry) => changeVisibility(queueOf(input), entry)),
    PurgeQueue: (input) => queueOf(input).purge(),
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: urlOf(queues.named(QueueName).resource.name) }),
    ListQueues: () => ({ QueueUrls: queues.names.map(urlOf) }),
    GetQueueAttributes: (input) => ({ Attributes: attributesOf(queueOf(input), input) }),
  };
  return Object.fromEntries(Object.entries(operations).map(([name, operation]) => [`AmazonSQS.${name}`, operation]));
}

function send(queue: Queue, { MessageBody, MessageAttributes, DelaySeconds }: Input, queues: Queues) {
  const body = typeof MessageBody === "string" ? MessageBody : "";
  if (body === "") throw new AwsError("MissingParameter", "The request must contain the parameter MessageBody.");
  if (Buffer.byteLength(body) > LIMIT)
    throw new AwsError("InvalidParameterValue", "One or more parameters are invalid.");
  const delay = DelaySeconds === undefined ? undefined : within(DelaySeconds, 0, 900, "DelaySeconds");
  const message = queue.send(body, Object(MessageAttributes) as Record<string, MessageAttribute>, delay);
  queues.sent(queue, message);
  return { MessageId: message.id, MD5OfMessageBody: md5(body) };
}

/** Sends an entry of a batch, unless a fault is planned for it. */
function sendEntry(queue: Queue, entry: Entry, faults: Faults, queues: Queues) {
  const fault = faults.take("entry", queue.resource.name);
  const refused = new AwsError((fault?.effect === "fail" && fault.code) || "InternalError", "a planned fault", 500);
  if (fault?.effect === "fail") throw refused;
  const delay = fault?.effect === "late" ? { DelaySeconds: Math.ceil(fault.by / 1000) } : {};
  if (fault?.effect === "twice") send(queue, entry, queues);
  const sent = send(queue, { ...entry, ...delay }, queues);
  if (fault?.effect === "lose") throw refused;
  return sent;
}

/** A number of the protocol. @throws {AwsError} beyond its bounds */
function within(value: unknown, least: number, most: number, name: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new AwsError("InvalidParameterValue", `Value ${String(value)} for parameter ${name} is invalid.`);
}

async function receive(queue: Queue, input: Input) {
  const { MaxNumberOfMessages = 1, VisibilityTimeout, WaitTimeSeconds = 0 } = input;
  const count = within(MaxNumberOfMessages, 1, 10, "MaxNumberOfMessages");
  const timeout =
    VisibilityTimeout === undefined ? undefined : within(VisibilityTimeout, 0, 43_200, "VisibilityTimeout");
  const wait = within(WaitTimeSeconds, 0, 20, "WaitTimeSeconds");
  const taken = await queue.wait(count, timeout, wait);
  return { Messages: taken.map((message) => messageOf(message, input)) };
}

/** A message with the attributes that are asked for, and no others. */
function messageOf(message: Message, { AttributeNames, MessageSystemAttributeNames, MessageAttributeNames }: Input) {
  const system = asked(systemAttributes(message), MessageSystemAttributeNames ?? AttributeNames);
  const own = asked(message.attributes, MessageAttributeNames);
  return {
    ...{ MessageId: message.id, ReceiptHandle: message.receipt, Body: message.body, MD5OfBody: md5(message.body) },
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(Object.keys(own).length > 0 && { MessageAttributes: own }),
  };
}

function asked<Value>(all: Readonly<Record<string, Value>>, names: unknown): Record<string, Value> {
  const wanted = (Array.isArray(names) ? names : []) as string[];
  const isAll = wanted.includes("All") || wanted.includes(".*");
  return Object.fromEntries(Object.entries(all).filter(([name]) => isAll || wanted.includes(name)));
}

/** What SQS adds to a message. */
export const systemAttributes = ({ receiveCount, sentAt, firstReceivedAt = sentAt }: Message) => ({
  ApproximateReceiveCount: String(receiveCount),
  SentTimestamp: String(sentAt),
  SenderId: ACCOUNT,
  ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
});

function changeVisibility(queue: Queue, { ReceiptHandle, VisibilityTimeout }: Input): void {
  const seconds = within(VisibilityTimeout, 0, 43_200, "VisibilityTimeout");
  if (queue.changeVisibility(String(ReceiptHandle), seconds)) return;
  throw new AwsError("com.amazonaws.sqs#ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
}

/** Does the entries of a batch, each for itself. @throws {AwsError} if there are too many, or two with one id */
function eachEntry({ Entries }: Input, act: (entry: Entry) => unknown) {
  const entries = (Entries ?? []) as Entry[];
  const code = (name: string) => `com.amazonaws.sqs#${name}`;
  if (entries.length === 0) throw new AwsError(code("EmptyBatchRequest"), "There should be at least one entry.");
  if (entries.length > 10) throw new AwsError(code("TooManyEntriesInBatchRequest"), "Maximum number of entries is 10.");
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError(code("BatchEntryIdsNotDistinct"), "Two or more entries have the same Id.");
  }
  if (entries.reduce((sum, { MessageBody = "" }) => sum + Buffer.byteLength(String(MessageBody)), 0) > LIMIT) {
    throw new AwsError(code("BatchRequestTooLong"), "The messages of the batch are too long.");
  }
  const [Successful, Failed]: [object[], object[]] = [[], []];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...Object(act(entry)) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code, message, status } = error;
      Failed.push({ Id: entry.Id, Code: code.split("#").at(-1), Message: message, SenderFault: status < 500 });
    }
  }
  return { Successful, Failed };
}

function attributesOf({ resource, counts }: Queue, { AttributeNames }: Input): Record<string, string> {
  const { name, delay, visibilityTimeout, retention, redrive } = resource;
  const all = {
    QueueArn: queueArn(name),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    ApproximateNumberOfMessagesNotVisible: String(counts.hidden),
    DelaySeconds: String(delay),
    VisibilityTimeout: String(visibilityTimeout),
    MessageRetentionPeriod: String(retention),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: redrive.queue, maxReceiveCount: redrive.maxReceiveCount }),
    }),
  };
  return asked(all, AttributeNames);
}
