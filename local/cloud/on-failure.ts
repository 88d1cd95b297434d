import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DynamoDBRecord } from "aws-lambda";
import { functionArn, streamArn } from "../events/arn.ts";
import type { Clock } from "./clock.ts";
import type { Queues } from "./queues/queues.ts";
import type { StreamSource } from "./resources.ts";

/**
 * The places for batches of a stream that are given up. A queue gets what Lambda tells of them; in place of a bucket, a
 * file gets that and the records (Lambda developer guide, "Retaining discarded batches").
 */
export class OnFailure {
  readonly #queues: Queues;
  readonly #clock: Clock;
  readonly #folder: string | undefined;

  /** @param folder of the files; without it, only queues keep anything */
  constructor(queues: Queues, clock: Clock, folder: string | undefined) {
    this.#queues = queues;
    this.#clock = clock;
    this.#folder = folder;
  }

  /** Keeps records. @returns the queue or the file; undefined if they are kept nowhere */
  async keep(source: StreamSource, records: readonly DynamoDBRecord[], reason: string): Promise<string | undefined> {
    const { name, onFailure } = source;
    if (onFailure === undefined) return undefined;
    const about = this.#about(source, records, reason);
    const queue = this.#queues.byArn(onFailure);
    queue?.send(JSON.stringify(about));
    if (queue || this.#folder === undefined) return queue?.resource.name;
    const folder = join(this.#folder, "given-up", name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${about.DDBStreamBatchInfo.startSequenceNumber}.json`);
    const payload = JSON.stringify({ Records: records });
    await writeFile(file, JSON.stringify({ ...about, payload }), { mode: 0o600 });
    return file;
  }

  #about({ function: target, table }: StreamSource, records: readonly DynamoDBRecord[], condition: string) {
    const numbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
    return {
      requestContext: { functionArn: functionArn(target), condition },
      version: "1.0",
      timestamp: new Date(this.#clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        ...{ streamArn: streamArn(table), batchSize: records.length },
        ...{ startSequenceNumber: numbers[0], endSequenceNumber: numbers.at(-1) },
      },
    };
  }
}
