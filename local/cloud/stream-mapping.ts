import type { DynamoDBRecord } from "aws-lambda";
import { matches } from "./bus/event-pattern.ts";
import { itemName } from "./change-feed/record.ts";
import type { Clock } from "./clock.ts";
import type { Deliveries } from "./deliveries.ts";
import type { StreamSource } from "./resources.ts";

/** Shards of a table's stream: a new table with on-demand capacity has four. Records of one shard are in order. */
const SHARDS = 4;

/** The first pause before a batch is repeated, and the longest one, in milliseconds. */
const PAUSES = { first: 100, longest: 10_000 };

/** What a mapping needs. */
export interface StreamParts {
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  /** Gets the records that are given up. */
  readonly givesUp: (source: StreamSource, records: readonly DynamoDBRecord[], reason: string) => Promise<void>;
}

interface Shard {
  readonly backlog: DynamoDBRecord[];
  isBusy: boolean;
}

/**
 * The event source mapping from a table's stream to a function: batches in order, repeated until the function takes
 * them, with the retries, partial failures and bisecting of Lambda (Lambda developer guide, "Using AWS Lambda with
 * Amazon DynamoDB").
 */
export class StreamMapping {
  readonly #parts: StreamParts;
  readonly #shards: readonly Shard[] = Array.from({ length: SHARDS }, () => ({ backlog: [], isBusy: false }));
  #source: StreamSource;
  #isClosed = false;

  constructor(source: StreamSource, parts: StreamParts) {
    this.#source = source;
    this.#parts = parts;
  }

  /** Records that the function has not taken yet. */
  get backlog(): number {
    return this.#shards.reduce((sum, { backlog }) => sum + backlog.length, 0);
  }

  /** Changes how the function is fed, from the next batch on. */
  set source(source: StreamSource) {
    this.#source = source;
  }

  /** Takes a record of the stream. */
  push(record: DynamoDBRecord): void {
    const { filters } = this.#source;
    if (this.#isClosed || (filters.length > 0 && !filters.some((filter) => matches(filter, record)))) return;
    const shard = this.#shards[Number.parseInt(itemName(record.dynamodb?.Keys).slice(0, 8), 16) % SHARDS];
    shard?.backlog.push(record);
    if (shard && !shard.isBusy) void this.#drain(shard);
  }

  /** Ends the mapping. Its records are forgotten. */
  close(): void {
    this.#isClosed = true;
    for (const { backlog } of this.#shards) backlog.length = 0;
  }

  async #drain(shard: Shard): Promise<void> {
    shard.isBusy = true;
    while (!this.#isClosed && shard.backlog.length > 0) {
      const { batchSize, window } = this.#source;
      if (shard.backlog.length < batchSize) await this.#pause(window * 1000);
      const batch = shard.backlog.slice(0, batchSize);
      await this.#deliver(batch, shard);
    }
    shard.isBusy = false;
  }

  /** Delivers a batch until the function has taken it, or it is given up. */
  async #deliver(batch: readonly DynamoDBRecord[], shard: Shard): Promise<void> {
    let records = batch;
    for (let attempt = 0; records.length > 0 && !this.#isClosed; ) {
      const source = this.#source;
      const handled = await this.#invoke(source, records);
      this.#took(shard, handled);
      records = records.slice(handled);
      if (records.length === 0 || this.#isClosed) return;
      if (source.bisect && records.length > 1 && handled === 0) {
        // A split counts no attempt.
        const half = Math.ceil(records.length / 2);
        await this.#deliver(records.slice(0, half), shard);
        records = records.slice(half);
        continue;
      }
      // What is repeated after progress is another batch, with attempts of its own.
      attempt = handled > 0 ? 1 : attempt + 1;
      const reason = this.#reasonToStop(source, records, attempt);
      if (reason !== undefined) {
        await this.#parts.givesUp(source, records, reason);
        this.#took(shard, records.length);
        return;
      }
      await this.#pause(Math.min(PAUSES.first * 2 ** (attempt - 1), PAUSES.longest));
    }
  }

  /** @returns how many records the function has taken, before the first that failed */
  async #invoke(source: StreamSource, records: readonly DynamoDBRecord[]): Promise<number> {
    const ids = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? "");
    const failed = await this.#parts.deliveries.deliverBatch(source, ids, { Records: records });
    const first = ids.findIndex((id) => failed.has(id));
    return first < 0 ? records.length : first;
  }

  #reasonToStop({ maxRetries, maxAge }: StreamSource, records: readonly DynamoDBRecord[], attempt: number) {
    if (attempt > maxRetries) return "RetryAttemptsExhausted";
    const oldest = records[0]?.dynamodb?.ApproximateCreationDateTime ?? 0;
    return this.#parts.clock.now() / 1000 - oldest > maxAge ? "MaximumRecordAgeExceeded" : undefined;
  }

  #took({ backlog }: Shard, count: number): void {
    backlog.splice(0, count);
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await new Promise<void>((resolve) => this.#parts.clock.after(milliseconds, resolve));
  }
}
