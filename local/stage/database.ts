import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { ChangeFeed } from "../cloud/change-feed/change-feed.ts";
import { DatabaseFeed } from "../cloud/change-feed/database-feed.ts";
import { EmbeddedFeed } from "../cloud/change-feed/embedded-feed.ts";
import { listen, shut } from "../listen.ts";
import { addMissingIndexes, PATIENCE } from "./missing-indexes.ts";

/** A DynamoDB and its endpoint. */
export interface DynamoDb {
  readonly endpoint: string;
  /** The changes of its tables. */
  readonly changes: ChangeFeed;
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB, in memory. It has no transactions, and `changes` in place of streams.
 *
 * @param host address to listen on; loopback, unless containers on this machine must reach it
 * @param port 0 takes a free port
 */
export async function startDynamoDb({ host = "127.0.0.1", port = 0 } = {}): Promise<DynamoDb> {
  // Loaded here because the package's command line, which never starts this database, has no dynalite.
  const { default: dynalite } = await import("dynalite");
  const server = dynalite({ createTableMs: 0 });
  // Its own listener throws the error of a request that its client resets, which would end the process.
  server.on("request", (incoming) => incoming.removeAllListeners("error").on("error", () => {}));
  const changes = new EmbeddedFeed(server);
  const endpoint = `http://${host}:${await listen(server, host, port)}`;
  embedded.set(endpoint, changes);
  const close = async () => {
    embedded.delete(endpoint);
    await shut(server);
  };
  return { endpoint, changes, close };
}

/** The changes of the embedded databases of this process, by their endpoints: a second stack may use the first's. */
const embedded = new Map<string, ChangeFeed>();

/** The DynamoDB that `AWS_ENDPOINT_URL_DYNAMODB` names, or an embedded one that listens on `host`. */
export async function useDynamoDb(host = "127.0.0.1"): Promise<DynamoDb> {
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (!endpoint) return startDynamoDb({ host });
  return { endpoint, changes: embedded.get(endpoint) ?? new DatabaseFeed(endpoint), close: async () => {} };
}

/** Creates a table, or adds the indexes that it lacks if it exists, and waits until it can be used. */
export async function createTable(endpoint: string, definition: CreateTableCommandInput): Promise<void> {
  const client = new DynamoDBClient({ endpoint });
  try {
    await client.send(new CreateTableCommand(definition));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    await addMissingIndexes(client, definition);
  }
  await waitUntilTableExists({ client, ...PATIENCE }, { TableName: definition.TableName });
  client.destroy();
}
