import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ClientResponse } from "../gateway/request.ts";
import { listen, shut } from "../listen.ts";
import { readTarget } from "../request-target.ts";
import { AwsError } from "./aws-error.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { flushIn } from "./flush.ts";

/** A JSON object that a client sends, unchecked. */
export type Input = Readonly<Record<string, unknown>>;

/** Operations by their names in the header `X-Amz-Target`: `AWSEvents.PutEvents`. */
export type Operations = Readonly<Record<string, (input: Input) => unknown>>;

/** What an endpoint serves. */
export interface EndpointOptions {
  readonly operations: Operations;
  /** Answers what is not of the JSON protocol; undefined for what it does not know. */
  readonly other: (method: string, path: string) => ClientResponse | undefined | Promise<ClientResponse | undefined>;
  readonly faults: Faults;
  readonly clock: Clock;
  /** 0 takes a free port. */
  readonly port: number;
}

/** A running endpoint for AWS clients. */
export interface Endpoint {
  /** `http://127.0.0.1:4007` */
  readonly url: string;
  close(): Promise<void>;
}

/** The largest body of a request: SQS and EventBridge take a mebibyte at most. */
const LIMIT = 2 * 1024 * 1024;

/**
 * Serves AWS's JSON protocol on loopback, for clients with any credentials. Pages in a browser are refused: what they
 * send has an origin.
 *
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the port is in use
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer((incoming, outgoing) => {
    answer(options, incoming, outgoing).catch(() => outgoing.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server, "127.0.0.1", options.port)}`, close: () => shut(server) };
}

async function answer(options: EndpointOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { pathname } = readTarget(incoming.url);
  const target = String(incoming.headers["x-amz-target"] ?? "");
  const body = await bodyOf(incoming);
  if (incoming.headers.origin !== undefined) return void outgoing.writeHead(403).end();
  const operation = target.split(".")[1] ?? flushIn(pathname)?.operation ?? "";
  const done = await withFault(options, operation, () =>
    target === "" ? plain(options, incoming.method ?? "", pathname) : json(options, target, body),
  );
  if (!done) return void outgoing.destroy();
  const headers = [...done.headers, ["x-amzn-RequestId", randomUUID()]] as const;
  outgoing.writeHead(done.status, headers.flat()).end(done.body);
}

/** Does what a request asks for; undefined if its answer is lost. */
async function withFault(
  { faults, clock }: EndpointOptions,
  operation: string,
  act: () => Promise<ClientResponse>,
): Promise<ClientResponse | undefined> {
  const fault = faults.take("call", operation);
  if (fault?.effect === "fail") {
    return errorAnswer(new AwsError(fault.code ?? "InternalFailure", "a planned fault", fault.status ?? 500));
  }
  if (fault?.effect === "late") await new Promise<void>((resolve) => clock.after(fault.by, resolve));
  if (fault?.effect === "twice") await act();
  const done = await act();
  return fault?.effect === "lose" ? undefined : done;
}

async function plain({ other }: EndpointOptions, method: string, path: string): Promise<ClientResponse> {
  return (await other(method, path)) ?? { status: 404, headers: [], body: "There is no such page.\n" };
}

async function json({ operations }: EndpointOptions, target: string, body: string): Promise<ClientResponse> {
  try {
    const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
    if (!operation) throw new AwsError("UnknownOperationException", `${target} is not supported here.`);
    const output = await operation(Object(JSON.parse(body)) as Input);
    return { status: 200, headers: [JSON_TYPE], body: JSON.stringify(output ?? {}) };
  } catch (error) {
    if (error instanceof AwsError) return errorAnswer(error);
    if (error instanceof SyntaxError)
      return errorAnswer(new AwsError("SerializationException", "The body is no JSON."));
    return errorAnswer(new AwsError("InternalFailure", (error as Error).message, 500));
  }
}

const JSON_TYPE = ["Content-Type", "application/x-amz-json-1.0"] as const;

const errorAnswer = ({ code, message, status }: AwsError): ClientResponse => ({
  status,
  headers: [JSON_TYPE, ["x-amzn-ErrorType", code]],
  body: JSON.stringify({ __type: code, message }),
});

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += (chunk as Buffer).length;
    if (length > LIMIT) throw new Error("The body is too long.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
