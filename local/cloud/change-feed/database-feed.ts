import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { TableResource } from "../resources.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { ShardReader } from "./shard-reader.ts";

/** Milliseconds between two looks at a stream; Lambda looks four times a second. */
const INTERVAL = 250;

/** The change feed of a DynamoDB with streams, such as DynamoDB Local, which it asks again and again. */
export class DatabaseFeed implements ChangeFeed {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async watch(table: TableResource, listener: (record: DynamoDBRecord) => void): Promise<() => void> {
    // Loaded here because the embedded database needs no streams.
    const { DynamoDBStreamsClient } = await import("@aws-sdk/client-dynamodb-streams");
    const client = new DynamoDBStreamsClient({ endpoint: this.#endpoint });
    const reader = new ShardReader(client, await this.#streamOf(table), table.name);
    await reader.startNow();
    const ended = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const look = async () => {
      for (const record of await reader.next(ended.signal)) if (!ended.signal.aborted) listener(record);
      if (!ended.signal.aborted) timer = setTimeout(look, INTERVAL);
    };
    void look();
    return () => {
      ended.abort();
      clearTimeout(timer);
      client.destroy();
    };
  }

  /** The ARN of a table's stream, which is made if the table has none. */
  async #streamOf({ name, view }: TableResource): Promise<string> {
    const client = new DynamoDBClient({ endpoint: this.#endpoint });
    try {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
      if (Table?.LatestStreamArn && Table.StreamSpecification?.StreamEnabled) return Table.LatestStreamArn;
      const StreamSpecification = { StreamEnabled: true, StreamViewType: view };
      const { TableDescription } = await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
      return TableDescription?.LatestStreamArn ?? "";
    } finally {
      client.destroy();
    }
  }
}
