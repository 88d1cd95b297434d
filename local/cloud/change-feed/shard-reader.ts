import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";
import { lambdaRecord } from "./lambda-record.ts";

/** Reads the shards of a stream in their order: a shard's children come after all of its records. */
export class ShardReader {
  readonly #client: DynamoDBStreamsClient;
  readonly #stream: string;
  readonly #table: string;
  /** Where to go on in each shard that is not read to its end. */
  readonly #iterators = new Map<string, string>();
  /** The number of the last record of each shard that was seen. */
  readonly #last = new Map<string, string | undefined>();

  constructor(client: DynamoDBStreamsClient, stream: string, table: string) {
    this.#client = client;
    this.#stream = stream;
    this.#table = table;
  }

  /** Starts with what is written from now on. */
  async startNow(): Promise<void> {
    for (const { ShardId = "", SequenceNumberRange } of await this.#shards()) {
      this.#last.set(ShardId, undefined);
      if (SequenceNumberRange?.EndingSequenceNumber === undefined) await this.#open(ShardId, "LATEST");
    }
  }

  /** The records since the last call. A shard that cannot be read has none, and is asked again next time. */
  async next(signal: AbortSignal): Promise<DynamoDBRecord[]> {
    const records: DynamoDBRecord[] = [];
    for (const [shard, ShardIterator] of [...this.#iterators]) {
      try {
        const found = await this.#client.send(new GetRecordsCommand({ ShardIterator }), { abortSignal: signal });
        for (const record of found.Records ?? []) {
          this.#last.set(shard, record.dynamodb?.SequenceNumber);
          records.push(lambdaRecord(record, this.#table));
        }
        if (found.NextShardIterator) this.#iterators.set(shard, found.NextShardIterator);
        else await this.#finish(shard);
      } catch (error) {
        await this.#reopen(shard, (error as Error).name).catch(() => {});
      }
    }
    return records;
  }

  async #finish(shard: string): Promise<void> {
    for (const { ShardId = "", ParentShardId } of await this.#shards()) {
      if (ParentShardId === shard && !this.#last.has(ShardId)) await this.#open(ShardId, "TRIM_HORIZON");
    }
    this.#iterators.delete(shard);
  }

  async #reopen(shard: string, error: string): Promise<void> {
    const SequenceNumber = this.#last.get(shard);
    if (error === "TrimmedDataAccessException") {
      // What is left is newer than what was read. DynamoDB Local answers so to an iterator from before a first record.
      await this.#open(shard, "TRIM_HORIZON");
    } else if (error === "ExpiredIteratorException") {
      if (SequenceNumber === undefined) await this.#open(shard, "LATEST");
      else await this.#open(shard, "AFTER_SEQUENCE_NUMBER", { SequenceNumber });
    }
  }

  async #open(
    ShardId: string,
    ShardIteratorType: "LATEST" | "TRIM_HORIZON" | "AFTER_SEQUENCE_NUMBER",
    after: Pick<GetShardIteratorCommandInput, "SequenceNumber"> = {},
  ): Promise<void> {
    const command = new GetShardIteratorCommand({ StreamArn: this.#stream, ShardId, ShardIteratorType, ...after });
    const { ShardIterator } = await this.#client.send(command);
    if (ShardIterator) this.#iterators.set(ShardId, ShardIterator);
    if (!this.#last.has(ShardId)) this.#last.set(ShardId, undefined);
  }

  async #shards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let ExclusiveStartShardId: string | undefined;
    do {
      const command = new DescribeStreamCommand({ StreamArn: this.#stream, ExclusiveStartShardId });
      const { StreamDescription } = await this.#client.send(command);
      shards.push(...(StreamDescription?.Shards ?? []));
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
    } while (ExclusiveStartShardId !== undefined);
    return shards;
  }
}
