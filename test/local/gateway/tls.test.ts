import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALLOWED, type Harness, startHarness } from "./harness.ts";

/** Mutual TLS: the gateway requires a client certificate and passes it to authorizers and backends. */

const TEMPLATE = `
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: { DefaultAuthorizer: A, Authorizers: { A: { FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: { ReauthorizeEvery: 0 } } } }
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: { DefaultAuthorizer: A, Authorizers: { A: { FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: "2.0" } } }
  Back:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        Rest: { Type: Api, Properties: { RestApiId: !Ref Rest, Path: /a, Method: GET } }
        Http: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /a, Method: GET } }
`;

const certificate = (commonName: string) =>
  generate([{ name: "commonName", value: commonName }], { keySize: 2048, algorithm: "sha256" });

let harness: Harness;
let client: Awaited<ReturnType<typeof certificate>>;
beforeAll(async () => {
  const server = await certificate("gateway");
  client = await certificate("partner");
  harness = await startHarness(TEMPLATE, { tls: { cert: server.cert, key: server.private, ca: client.cert } });
});
afterAll(() => harness.close());

async function get(api: string, own: { cert?: string; key?: string }) {
  const outgoing = request(`${harness.urls[api]}/a`, {
    ...own,
    rejectUnauthorized: false,
    agent: false,
    headers: { Authorization: ALLOWED },
  });
  outgoing.end();
  const [response] = await once(outgoing, "response");
  return JSON.parse(await text(response)).requestContext;
}

test("events contain the client certificate in the place of each payload format", async () => {
  const own = { cert: client.cert, key: client.private };
  const expected = {
    subjectDN: "CN=partner",
    issuerDN: "CN=partner",
    clientCertPem: expect.stringContaining("BEGIN CERTIFICATE"),
    serialNumber: expect.any(String),
    validity: {
      notBefore: expect.stringMatching(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/),
      notAfter: expect.any(String),
    },
  };
  expect((await get("Rest", own)).identity.clientCert).toEqual(expected);
  expect((await get("Http", own)).authentication.clientCert).toEqual(expected);
});

test("refuses a connection without a client certificate, or with one that is not trusted", async () => {
  const stranger = await certificate("stranger");
  await expect(get("Rest", {})).rejects.toThrow();
  await expect(get("Rest", { cert: stranger.cert, key: stranger.private })).rejects.toThrow();
});
