import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One call of an AWS SDK client: the operation as its protocol names it, and its input. */
export interface Call {
  /** `X-Amz-Target` of the JSON protocols; method and path of the REST ones. */
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** The answer of the fake service: a status with an object or with bytes. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string;
}

export interface StandIn {
  readonly endpoint: string;
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

/**
 * A fake AWS service on loopback. SDK clients reach it through `AWS_ENDPOINT_URL_<SERVICE>`; the test decides its
 * answers.
 */
export async function startStandIn(answer: (call: Call) => Reply): Promise<StandIn> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const target = request.headers["x-amz-target"];
    const call = {
      operation: typeof target === "string" ? target : `${request.method} ${request.url}`,
      input: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    calls.push(call);
    const { status = 200, headers, body } = answer(call);
    response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
