import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { onTestFinished, vi } from "vitest";

/** Answers one attempt. The input is the one of the command. */
export type Fault = (response: ServerResponse, input: Record<string, unknown>) => void;

/** An answer of DynamoDB with its checksum. */
export const answer =
  (body: object | string, { status = 200, checksum = true } = {}): Fault =>
  (response) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = { "Content-Type": "application/x-amz-json-1.0" };
    response.writeHead(status, checksum ? { ...headers, "x-amz-crc32": crc32(text) } : headers).end(text);
  };

/** What DynamoDB says about every call that asks for it. */
export const CONSUMED = { ConsumedCapacity: { TableName: "table", CapacityUnits: 1 } };

export const FAULTS: Readonly<Record<string, Fault>> = {
  "never answers": () => {},
  "sends headers and then nothing": (response) => response.writeHead(200).flushHeaders(),
  "drips bytes without an end": (response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(" "), 5);
    response.once("close", () => clearInterval(drip));
  },
  "resets the connection": (response) => response.socket?.resetAndDestroy(),
  "ends the body early": (response) => {
    response.writeHead(200, { "Content-Length": 100 }).write('{"Item"');
    setImmediate(() => response.destroy());
  },
  "answers with an empty body": answer("", { checksum: false }),
  "answers with an empty body and its checksum": answer(""),
  "answers with an empty object": answer({}),
  "answers with a page of a proxy": answer("<html>Sign in</html>", { checksum: false }),
  "answers about another table": answer({ ConsumedCapacity: { TableName: "other", CapacityUnits: 1 } }),
  "answers with another checksum": (response) => {
    response.setHeader("x-amz-crc32", "1");
    answer(CONSUMED, { checksum: false })(response, {});
  },
  "answers without an end": (response) => {
    const more = () => void (response.write(" ".repeat(65_536)) ? setImmediate(more) : response.once("drain", more));
    response.once("close", () => response.removeAllListeners("drain"));
    more();
  },
  "is throttled": answer({ __type: "ProvisionedThroughputExceededException" }, { status: 400 }),
  "fails inside": answer({ __type: "InternalServerError" }, { status: 500 }),
};

export interface FaultyDatabase {
  /** Inputs of all attempts, in order. */
  readonly inputs: readonly Record<string, unknown>[];
  /** Resolves when no client is connected. */
  idle(): Promise<void>;
}

/** Limits of an exchange that end an attempt at once, or never within a test. */
export const SHORT = { whole: 300, attempt: 50 };
export const LONG = { whole: 600_000, attempt: 600_000 };

const AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/**
 * Starts a database with faults for the rest of a test, and sets the environment of its clients.
 *
 * @param faults of the attempts in order; the last one is repeated
 */
export async function startFaultyDatabase(...faults: readonly Fault[]): Promise<FaultyDatabase> {
  const inputs: Record<string, unknown>[] = [];
  const server = createServer(async (incoming: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const chunk of incoming) text += chunk;
    inputs.push(JSON.parse(text));
    (faults[inputs.length - 1] ?? faults.at(-1))?.(response, inputs.at(-1) ?? {});
  });
  const sockets = new Set<Promise<void>>();
  server.on("connection", (socket: Socket) => {
    const closed = new Promise<void>((resolve) => socket.once("close", resolve));
    sockets.add(closed);
    void closed.then(() => sockets.delete(closed));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  useEndpoint((server.address() as AddressInfo).port);
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return {
    inputs,
    idle: async () => {
      await Promise.all(sockets);
    },
  };
}

function useEndpoint(port: number): void {
  const variables = { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** A port on which connections wait to be accepted during a test: its thread sleeps, and its queue is full. */
export async function startSleepingDatabase(): Promise<void> {
  const code = `
    const { createServer } = require("node:net");
    const { parentPort } = require("node:worker_threads");
    const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(code, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  useEndpoint(port);
  onTestFinished(async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  });
}
