import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Item } from "../../providers/api-key/item.ts";

/** Stubs of a key server and a table in the benchmark's process. They answer at once and record requests. */
export interface RemoteParties {
  readonly jwksUri: string;
  /** Endpoint for AWS_ENDPOINT_URL_DYNAMODB. It supports GetItem and PutItem, and BatchGetItem of nothing. */
  readonly tableEndpoint: string;
  /** The requests since the last `forget`, in order: `jwks`, `GetItem`, … */
  readonly calls: readonly string[];
  forget(): void;
  /** Puts an item into the stub of the table. */
  add(item: Item): void;
  close(): void;
}

export async function startRemoteParties(jwks: object): Promise<RemoteParties> {
  const calls: string[] = [];
  const items = new Map<string, Item>();
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      calls.push("jwks");
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(jwks));
      return;
    }
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    calls.push(operation);
    const {
      Key,
      TableName = "",
      RequestItems,
    } = JSON.parse(await textOf(request)) as {
      Key?: { pk?: { S?: string } };
      TableName?: string;
      RequestItems?: Readonly<Record<string, object>>;
    };
    if (RequestItems) {
      const [table = ""] = Object.keys(RequestItems);
      const answer = { ConsumedCapacity: [{ TableName: table }], Responses: { [table]: [] }, UnprocessedKeys: {} };
      response.writeHead(200, { "Content-Type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
      return;
    }
    const item = operation === "GetItem" ? items.get(Key?.pk?.S ?? "") : undefined;
    response.writeHead(200, { "Content-Type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify({ ConsumedCapacity: { TableName, CapacityUnits: 1 }, Item: item }, bytesAsBase64));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    jwksUri: `${origin}/jwks`,
    tableEndpoint: origin,
    calls,
    forget: () => void calls.splice(0),
    add: (item) => void items.set(String(item.pk?.S), item),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** DynamoDB's JSON encodes bytes as base64. */
function bytesAsBase64(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
