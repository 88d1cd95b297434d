import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { DynamoDBRecord } from "aws-lambda";
import { Faults } from "../faults.ts";
import type { StreamView, TableResource } from "../resources.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { Locks } from "./locks.ts";
import { type Item, itemName, streamRecord } from "./record.ts";
import { WRITES, type WrittenItem, writtenItems } from "./written-items.ts";

interface Watched {
  readonly keys: readonly string[];
  readonly view: StreamView;
  readonly listeners: Set<(record: DynamoDBRecord) => void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Marks a request of the feed itself, which goes to the database as it is. */
const DIRECT = "x-sallyport-direct";

/**
 * The change feed of an embedded database, which has no streams. It stands before the listener of the database's server:
 * a write to a table that is watched reads the item before and after, while no other write to that item is made. All
 * other requests go straight to the database.
 */
export class EmbeddedFeed implements ChangeFeed {
  readonly faults = new Faults();
  readonly #secret = randomUUID();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tables = new Map<string, Watched>();
  readonly #locks = new Locks();
  readonly #server: Server;
  readonly #now: () => number;
  #sequence: bigint;

  /** @param server of the database, with its listener; the feed takes the listener's place */
  constructor(server: Server, now: () => number = Date.now) {
    this.#server = server;
    this.#now = now;
    // Sequence numbers rise from one start to the next.
    this.#sequence = BigInt(now()) * 1_000_000_000n;
    const listeners = server.listeners("request") as ((...given: [IncomingMessage, ServerResponse]) => void)[];
    server.removeAllListeners("request");
    server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      if (this.#isTaken(incoming)) void this.#answer(incoming, outgoing);
      else for (const listener of listeners) listener.call(server, incoming, outgoing);
    });
    server.once("close", () => this.#agent.destroy());
  }

  async watch({ name, definition, view = "NEW_AND_OLD_IMAGES" }: TableResource, listener: (r: DynamoDBRecord) => void) {
    const keys = (definition.KeySchema ?? []).map(({ AttributeName = "" }) => AttributeName);
    const known = this.#tables.get(name) ?? { keys, view, listeners: new Set() };
    this.#tables.set(name, known);
    known.listeners.add(listener);
    return () => {
      known.listeners.delete(listener);
      if (known.listeners.size === 0) this.#tables.delete(name);
    };
  }

  /** Whether the feed answers in the database's place: writes to tables that are watched, and what may meet a fault. */
  #isTaken({ headers }: IncomingMessage): boolean {
    if (headers[DIRECT] === this.#secret) return false;
    return this.faults.pending > 0 || (this.#tables.size > 0 && WRITES.has(operationOf(headers)));
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const { headers } = incoming;
      const body = await bodyOf(incoming);
      const isWrite = WRITES.has(operationOf(headers));
      const act = () => (isWrite ? this.#write(headers, body) : this.#send(headers, body));
      const answer = await this.#withFault(operationOf(headers), act);
      if (answer) outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      else outgoing.destroy();
    } catch {
      // The client or the database has gone away.
      outgoing.destroy();
    }
  }

  /** Answers a call; undefined if its answer is lost. */
  async #withFault(operation: string, act: () => Promise<Answer>): Promise<Answer | undefined> {
    const fault = this.faults.take("call", operation);
    if (fault?.effect === "fail") return failed(fault.code ?? "InternalServerError", fault.status ?? 500);
    if (fault?.effect === "late") await setTimeout(fault.by);
    if (fault?.effect === "twice") await act();
    const answer = await act();
    return fault?.effect === "lose" ? undefined : answer;
  }

  #write(headers: IncomingMessage["headers"], body: Buffer): Promise<Answer> {
    const items = writtenItems(body.toString(), (table) => this.#tables.get(table)?.keys);
    const names = items.map(({ table, keys }) => `${table} ${itemName(keys)}`);
    return this.#locks.hold(names, async () => {
      const read = () => Promise.all(items.map((item) => this.#read(headers, item)));
      const before = await read();
      const answer = await this.#send(headers, body);
      if (answer.status === 200 && items.length > 0) this.#emit(items, before, await read());
      return answer;
    });
  }

  #emit(items: readonly WrittenItem[], before: readonly (Item | undefined)[], after: readonly (Item | undefined)[]) {
    for (const [index, { table, keys }] of items.entries()) {
      const watched = this.#tables.get(table);
      const images = { before: before[index], after: after[index] };
      // As on AWS, a write that changes nothing has no record.
      if (!watched || isDeepStrictEqual(images.before, images.after)) continue;
      this.#sequence += 100n;
      const place = { table, keys, view: watched.view, time: this.#now(), sequence: this.#sequence };
      const record = streamRecord({ ...place, ...images });
      for (const listener of watched.listeners) listener(record);
    }
  }

  async #read(headers: IncomingMessage["headers"], { table, keys }: WrittenItem): Promise<Item | undefined> {
    const body = JSON.stringify({ TableName: table, Key: keys, ConsistentRead: true });
    const target = { ...headers, "x-amz-target": "DynamoDB_20120810.GetItem" };
    const answer = await this.#send(target, Buffer.from(body));
    return answer.status === 200 ? (JSON.parse(answer.body.toString()) as { Item?: Item }).Item : undefined;
  }

  /** Sends a request to the database past the feed. */
  async #send(headers: IncomingMessage["headers"], body: Buffer): Promise<Answer> {
    const { address, port } = this.#server.address() as AddressInfo;
    const { "transfer-encoding": _, connection: __, ...own } = headers;
    const sent = { ...own, [DIRECT]: this.#secret, "content-length": String(body.length) };
    const outgoing = request({ host: address, port, method: "POST", headers: sent, agent: this.#agent });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const { "transfer-encoding": ___, connection: ____, ...answered } = incoming.headers;
    return { status: incoming.statusCode ?? 500, headers: answered, body: await bodyOf(incoming) };
  }
}

const failed = (code: string, status: number): Answer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: "a planned fault" })),
});

const operationOf = (headers: IncomingMessage["headers"]): string =>
  String(headers["x-amz-target"] ?? "")
    .split(".")
    .at(-1) ?? "";

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
