import { createServer, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import { listen, shut } from "../../../../local/listen.ts";

/** A call of an SDK client. */
export interface ServiceCall {
  readonly method: string;
  readonly path: string;
  /** `PutEvents`, of services with one path. */
  readonly operation: string;
  readonly body: Record<string, unknown>;
}

/** What a service answers: JSON, or no answer before the connection ends. */
export type ServiceAnswer = { readonly status?: number; readonly body?: unknown } | "reset";

/** A service of AWS with JSON bodies, on loopback, until the test ends. The variable directs the SDK's clients there. */
export async function jsonService(
  variable: string,
  answer: (call: ServiceCall) => ServiceAnswer,
): Promise<{ readonly calls: ServiceCall[]; readonly endpoint: string }> {
  const calls: ServiceCall[] = [];
  const server = createServer(async (request, response) => {
    const call = await callOf(request);
    calls.push(call);
    const answered = answer(call);
    if (answered === "reset") return void request.socket.destroy();
    const { status = 200, body } = answered;
    response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  const endpoint = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}`;
  const before = process.env[variable];
  process.env[variable] = endpoint;
  onTestFinished(async () => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
    await shut(server);
  });
  return { calls, endpoint };
}

async function callOf(request: IncomingMessage): Promise<ServiceCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const [, operation = ""] = /\.(\w+)$/.exec(String(request.headers["x-amz-target"])) ?? [];
  return {
    ...{ method: request.method ?? "", path: request.url ?? "", operation },
    body: text === "" ? {} : JSON.parse(text),
  };
}
