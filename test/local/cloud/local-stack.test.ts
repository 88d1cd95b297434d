import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from "@aws-sdk/client-apigatewayv2";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { CloudWatchLogsEvent, DynamoDBStreamEvent, EventBridgeEvent, SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen, shut } from "../../../local/listen.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";

/** Functions of a template, fed by what the template says. */

/** Sends its event to a server of the test. */
const WATCHER = `export const handler = async (event) => {
  const body = JSON.stringify({ event, environment: process.env });
  await fetch(process.env.SINK, { method: "POST", body });
  return { done: true };
};`;

interface Sent {
  readonly event: DynamoDBStreamEvent & SQSEvent & CloudWatchLogsEvent & EventBridgeEvent<string, unknown>;
  readonly environment: Readonly<Record<string, string>>;
}

const stackName = `test-${randomUUID().slice(0, 8)}`;

let folder: string;
let template: string;
let sink: Server;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-cloud-"));
  sink = createServer((...given) => void take(...given));
  const sinkUrl = `http://127.0.0.1:${await listen(sink, "127.0.0.1", 0)}`;
  template = join(folder, "template.yaml");
  await cp(new URL("template.yaml", import.meta.url), template);
  await mkdir(join(folder, "watcher"));
  await writeFile(join(folder, "watcher/index.mjs"), WATCHER);
  stack = await startLocalStack({ template, stackName, parameters: { Sink: sinkUrl } });
});
afterAll(async () => {
  await stack.close();
  await shut(sink);
  await rm(folder, { recursive: true });
});

/** What the functions have sent, by the path that their environment names. */
const inbox = new Map<string, Sent[]>();
const arrived = new EventEmitter();

async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of incoming) text += chunk;
  const name = incoming.url?.slice(1) ?? "";
  inbox.set(name, [...(inbox.get(name) ?? []), JSON.parse(text)]);
  outgoing.end();
  arrived.emit("sent");
}

/** The next event that a function sends for which something holds. */
async function sent(name: string, holds: (sent: Sent) => boolean = () => true): Promise<Sent> {
  for (;;) {
    const found = inbox.get(name)?.find(holds);
    if (found) {
      inbox.set(name, inbox.get(name)?.filter((each) => each !== found) ?? []);
      return found;
    }
    await once(arrived, "sent");
  }
}

test("a key that is issued reaches the function on the table's stream, without its secret", async () => {
  const key = await (await fetch(`${stack.issuers}/api-key?scope=orders:read`)).text();
  const [, , id = "", secret = ""] = key.split("_");
  const { event, environment } = await sent("watcher", (each) => JSON.stringify(each.event).includes(id));
  expect(event.Records).toHaveLength(1);
  expect(event.Records[0]).toMatchObject({ eventName: "INSERT", eventSource: "aws:dynamodb" });
  expect(JSON.stringify(event)).not.toContain(secret);
  expect(event.Records[0]?.eventSourceARN).toBe(environment.STREAM);
});

test("functions see names and addresses of what is local", async () => {
  await fetch(`${stack.issuers}/api-key`);
  const { environment } = await sent("watcher");
  const { url } = stack.cloud;
  expect(environment).toMatchObject({
    ...{ TABLE: `${stackName}-KeysTable`, BUS: `${stackName}-keys`, STAGE: "Api/$default" },
    STREAM: expect.stringContaining(`:table/${stackName}-KeysTable/stream/`),
    QUEUE: `${url}/123456789012/${stackName}-Flushes`,
    ...{ AWS_ENDPOINT_URL_EVENTBRIDGE: url, AWS_ENDPOINT_URL_SQS: url },
    ...{ AWS_ENDPOINT_URL_API_GATEWAY: url, AWS_ENDPOINT_URL_APIGATEWAYV2: url },
  });
  expect(stack.access.environment).toMatchObject({ AWS_ENDPOINT_URL_SQS: url, AWS_ENDPOINT_URL_EVENTBRIDGE: url });
});

test("an event reaches functions and queues by the rules of its bus", async () => {
  const client = new EventBridgeClient({ endpoint: stack.cloud.url });
  const event = (DetailType: string) => ({
    Source: "test",
    DetailType,
    Detail: "{}",
    EventBusName: `${stackName}-keys`,
  });
  await client.send(new PutEventsCommand({ Entries: [event("RevokeKey"), event("KeyRevoked"), event("KeyIssued")] }));
  client.destroy();
  const direct = await sent("commander", ({ event }) => event.source === "test");
  expect(direct.event).toMatchObject({ "detail-type": "RevokeKey" });
  const { event: queued } = await sent(
    "flusher",
    ({ event }) => event.Records[0]?.body.includes("KeyRevoked") === true,
  );
  expect(queued.Records).toMatchObject([{ eventSource: "aws:sqs", body: expect.stringContaining('"source":"test"') }]);
});

test("a decision in the authorizer's log reaches the function that subscribes to it", async () => {
  const token = await (await fetch(`${stack.issuers}/jwt`)).text();
  await fetch(`${stack.gateway.urls.Api}/whoami`, { headers: { Authorization: `Bearer ${token}` } });
  const { event } = await sent("uses");
  const { logEvents } = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, "base64")).toString());
  expect(logEvents).toHaveLength(1);
  expect(JSON.parse(logEvents[0].message)).toMatchObject({ outcome: "allow" });
});

describe("a schedule", () => {
  const fire = (name: string, init: RequestInit = { method: "POST" }) =>
    fetch(`${stack.cloud.url}/schedules/${name}`, init);

  test("runs when a request fires it", async () => {
    const answer = await fire("Commander.Daily");
    expect([answer.status, await answer.json()]).toEqual([200, { done: true }]);
    const { event } = await sent("commander", (each) => each.event.source === "aws.events");
    expect(event["detail-type"]).toBe("Scheduled Event");
  });

  test("does not run for a page in a browser, or by another name", async () => {
    const page = { method: "POST", headers: { Origin: "https://evil.example" } };
    expect((await fire("Commander.Daily", page)).status).toBe(403);
    expect((await fire("Commander.Daily", {})).status).toBe(404);
    const other = await fire("Other");
    expect([other.status, await other.text()]).toEqual([404, expect.stringContaining("Commander.Daily")]);
  });
});

test("a flush by the SDK's client empties the cache of the local gateway's stage", async () => {
  const client = new ApiGatewayV2Client({ endpoint: stack.cloud.url, maxAttempts: 1 });
  await client.send(new ResetAuthorizersCacheCommand({ ApiId: "Api", StageName: "$default" }));
  const none = client.send(new ResetAuthorizersCacheCommand({ ApiId: "Api", StageName: "none" }));
  await expect(none).rejects.toMatchObject({ name: "NotFoundException" });
  stack.cloud.faults.plan("call", "ResetAuthorizersCache", {
    effect: "fail",
    code: "TooManyRequestsException",
    status: 429,
  });
  const throttled = client.send(new ResetAuthorizersCacheCommand({ ApiId: "Api", StageName: "$default" }));
  await expect(throttled).rejects.toMatchObject({ name: "TooManyRequestsException" });
  client.destroy();
});

test("what is not supported is named", () => {
  expect(stack.unsupported).toEqual([
    "Archive: AWS::Events::Archive",
    "Revocations.mail: a target that is no function, queue or log group",
  ]);
});

test("a reload keeps what is in queues, and starts and ends event sources", async () => {
  const original = await readFile(template, "utf8");
  const send = (body: string) => stack.cloud.queue(`${stackName}-Flushes`).send(body);
  await writeFile(template, original.replace("BatchSize: 1", "BatchSize: 1, Enabled: false"));
  await stack.reload();
  send("kept");
  await writeFile(template, original);
  await stack.reload();
  await sent("flusher", ({ event }) => event.Records[0]?.body === "kept");
});

test("a reload with a mistake changes nothing", async () => {
  const original = await readFile(template, "utf8");
  await writeFile(template, original.replace("{ prefix: Revoke }", "{ starts: Revoke }"));
  await expect(stack.reload()).rejects.toThrow("Commander.Commands.detail-type");
  await writeFile(template, original);
  stack.cloud.queue(`${stackName}-Flushes`).send("works");
  await sent("flusher", ({ event }) => event.Records[0]?.body === "works");
});
