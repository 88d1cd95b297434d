import { REGION } from "../../events/arn.ts";
import { matches } from "../bus/event-pattern.ts";
import type { Clock } from "../clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { QueueSource } from "../resources.ts";
import { systemAttributes } from "./operations.ts";
import { type Message, type MessageAttribute, md5, type Queue } from "./queue.ts";

/** Batches of one queue that are delivered at a time. Lambda begins with five. */
const AT_ONCE = 5;

/**
 * The event source mapping from a queue to a function: what the function takes is deleted, and what fails becomes
 * visible again after the queue's time-out (Lambda developer guide, "Using Lambda with Amazon SQS").
 */
export class QueueMapping {
  readonly #queue: Queue;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #arn: string;
  readonly #stop: () => void;
  #source: QueueSource;
  #active = 0;
  #isWaiting = false;
  #isClosed = false;

  /** @param arn of the queue */
  constructor(source: QueueSource, queue: Queue, arn: string, parts: { deliveries: Deliveries; clock: Clock }) {
    this.#source = source;
    this.#queue = queue;
    this.#arn = arn;
    this.#deliveries = parts.deliveries;
    this.#clock = parts.clock;
    this.#stop = queue.onVisible(() => this.#look());
    this.#look();
  }

  /** Changes how the function is fed, from the next batch on. */
  set source(source: QueueSource) {
    this.#source = source;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** Looks for messages when the batching window has passed. Without one, what is sent at once is still one batch. */
  #look(): void {
    if (this.#isWaiting || this.#queue.counts.visible === 0) return;
    this.#isWaiting = true;
    this.#clock.after(this.#source.window * 1000, () => {
      this.#isWaiting = false;
      this.#take();
    });
  }

  #take(): void {
    const { batchSize, filters } = this.#source;
    while (!this.#isClosed && this.#active < AT_ONCE) {
      const messages = this.#queue.take(batchSize);
      if (messages.length === 0) return;
      const records = messages.map((message) => recordOf(message, this.#arn));
      const isWanted = (record: object) =>
        filters.length === 0 || filters.some((filter) => matches(filter, withJson(record)));
      // As on AWS, what a filter leaves out is deleted.
      for (const record of records) if (!isWanted(record)) this.#queue.delete(record.receiptHandle);
      const wanted = records.filter(isWanted);
      if (wanted.length > 0) void this.#deliver(wanted);
    }
  }

  async #deliver(records: readonly QueueRecord[]): Promise<void> {
    this.#active++;
    const ids = records.map(({ messageId }) => messageId);
    const failed = await this.#deliveries.deliverBatch(this.#source, ids, { Records: records });
    for (const { messageId, receiptHandle } of records) if (!failed.has(messageId)) this.#queue.delete(receiptHandle);
    this.#active--;
    this.#take();
  }
}

type QueueRecord = ReturnType<typeof recordOf>;

/** A message, as Lambda gives it to a function. */
const recordOf = (message: Message, eventSourceARN: string) => ({
  messageId: message.id,
  receiptHandle: message.receipt ?? "",
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: Object.fromEntries(
    Object.entries(message.attributes).map(([name, value]) => [name, attributeOf(value)]),
  ),
  md5OfBody: md5(message.body),
  eventSource: "aws:sqs",
  eventSourceARN,
  awsRegion: REGION,
});

const attributeOf = ({ DataType, StringValue, BinaryValue }: MessageAttribute) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
  ...{ stringListValues: [], binaryListValues: [], dataType: DataType },
});

/** For filters, a body of JSON counts as what it says. */
function withJson(record: object): object {
  const { body } = record as { body: string };
  try {
    return { ...record, body: JSON.parse(body) };
  } catch {
    return record;
  }
}
