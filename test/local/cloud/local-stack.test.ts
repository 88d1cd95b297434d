import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listen, shut } from "../../../local/listen.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";

/** Functions of a template, fed by what the template says. */

/** Sends its event to a server of the test. */
const WATCHER = `export const handler = async (event) => {
  const body = JSON.stringify({ event, environment: process.env });
  await fetch(process.env.SINK, { method: "POST", body });
};`;

const TEMPLATE = (sink: string) => `
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Sallyport
        Authorizers:
          Sallyport: { FunctionArn: !GetAtt Authorizer.Arn, AuthorizerPayloadFormatVersion: "2.0" }
  Authorizer:
    Type: AWS::Serverless::Function
    Metadata: { Bundle: authorizer }
    Properties:
      Timeout: 5
      MemorySize: 512
      Environment: { Variables: { SALLYPORT_KEYS_TABLE: !Ref KeysTable } }
  KeysTable:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: owner, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: by-owner
          KeySchema: [{ AttributeName: owner, KeyType: HASH }]
          Projection: { ProjectionType: ALL }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
  Watcher:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: watcher
      Timeout: 5
      Environment: { Variables: { SINK: "${sink}", TABLE: !Ref KeysTable, STREAM: !GetAtt KeysTable.StreamArn } }
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt KeysTable.StreamArn
            StartingPosition: TRIM_HORIZON
            FunctionResponseTypes: [ReportBatchItemFailures]
`;

interface Sent {
  readonly event: DynamoDBStreamEvent;
  readonly environment: Readonly<Record<string, string>>;
}

let folder: string;
let sink: Server;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-cloud-"));
  sink = createServer();
  const url = `http://127.0.0.1:${await listen(sink, "127.0.0.1", 0)}`;
  await writeFile(join(folder, "template.yaml"), TEMPLATE(url));
  await mkdir(join(folder, "watcher"));
  await writeFile(join(folder, "watcher/index.mjs"), WATCHER);
  stack = await startLocalStack({ template: join(folder, "template.yaml"), stackName: `test-${process.pid}` });
});
afterAll(async () => {
  await stack.close();
  await shut(sink);
  await rm(folder, { recursive: true });
});

/** What the function sends next. */
async function sent(): Promise<Sent> {
  const [incoming, outgoing] = await once(sink, "request");
  let text = "";
  for await (const chunk of incoming) text += chunk;
  outgoing.end();
  return JSON.parse(text) as Sent;
}

test("a key that is issued reaches the function on the table's stream, without its secret", async () => {
  const next = sent();
  const key = await (await fetch(`${stack.issuers}/api-key?scope=orders:read`)).text();
  const { event, environment } = await next;
  const [, , id = "", secret = ""] = key.split("_");
  expect(event.Records).toHaveLength(1);
  expect(event.Records[0]).toMatchObject({ eventName: "INSERT", eventSource: "aws:dynamodb" });
  expect(JSON.stringify(event)).toContain(id);
  expect(JSON.stringify(event)).not.toContain(secret);
  expect(environment).toMatchObject({ TABLE: `test-${process.pid}-KeysTable` });
  expect(environment.STREAM).toContain(`:table/${environment.TABLE}/stream/`);
  expect(event.Records[0]?.eventSourceARN).toBe(environment.STREAM);
});
