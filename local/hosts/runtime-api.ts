import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen, shut } from "../listen.ts";

/** A runtime's answer to an invocation: a payload or an error. */
export type RuntimeAnswer = { readonly result: unknown } | { readonly error: string };

/** A running Runtime API. */
export interface RuntimeApi {
  /** `HOST:PORT`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  invoke(event: unknown): Promise<RuntimeAnswer>;
  close(): Promise<void>;
}

/** Timeout of an invocation in seconds. */
const TIMEOUT = 5;

/**
 * A Lambda Runtime API for one runtime (Lambda developer guide, "Using the Lambda runtime API for custom runtimes").
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let offer = Promise.withResolvers<string>();
  let answer = Promise.withResolvers<RuntimeAnswer>();
  let count = 0;
  const server = createServer(async (request, response) => {
    if (request.method === "GET" && request.url === "/2018-06-01/runtime/invocation/next") {
      const event = await offer.promise;
      offer = Promise.withResolvers();
      response.writeHead(200, {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
        "Lambda-Runtime-Deadline-Ms": String(Date.now() + TIMEOUT * 1000),
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:authorizer",
      });
      response.end(event);
      return;
    }
    const body: unknown = JSON.parse((await text(request)) || "null");
    const failed = request.url?.endsWith("/error");
    answer.resolve(failed ? { error: String(Object(body).errorMessage) } : { result: body });
    response.writeHead(202).end();
  });
  const port = await listen(server, "127.0.0.1", 0);
  return {
    address: `127.0.0.1:${port}`,
    invoke: (event) => {
      answer = Promise.withResolvers();
      offer.resolve(JSON.stringify(event));
      return answer.promise;
    },
    close: () => shut(server),
  };
}
