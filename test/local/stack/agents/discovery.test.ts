import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import {
  Client,
  ClientCredentialsProvider,
  discoverOAuthServerInfo,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "../../../mcp-client/sdk.mjs";
import { personWith } from "./providers.ts";

/** The client of the MCP TypeScript SDK against the example of docs/agents.md, behind the local gateway. */

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The same example as an HTTP API, which has no gateway responses. */
const HTTP_API = `
  HttpApi:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: $default
      Auth:
        DefaultAuthorizer: Sallyport
        Authorizers:
          Sallyport:
            FunctionArn: !GetAtt Authorizer.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableFunctionDefaultPermissions: true
            Identity: { Headers: [Authorization], Context: [identity.sourceIp], ReauthorizeEvery: 300 }
  MetadataHttp:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: sallyport/dist/functions/resource-metadata
      Handler: index.handler
      Timeout: 5
      Events:
        Metadata:
          Type: HttpApi
          Properties: { ApiId: !Ref HttpApi, Path: "${WELL_KNOWN}/{path+}", Method: GET, Auth: { Authorizer: NONE } }
  McpHttp:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: mcp
      Handler: index.handler
      Events:
        Server:
          Type: HttpApi
          Properties: { ApiId: !Ref HttpApi, Path: /mcp, Method: ANY }
`;

let folder: string;
let [rest, http]: [LocalStack | undefined, LocalStack | undefined] = [undefined, undefined];
const running = (stack: LocalStack | undefined) => stack ?? expect.fail("no stack");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-agents-"));
  const text = await readFile("docs/agents.md", "utf8");
  const [, template = ""] = /^```yaml\n(.+?)^```$/ms.exec(text) ?? [];
  const [, config = ""] = /^```json\n(.+?)^```$/ms.exec(text) ?? [];
  await mkdir(join(folder, "mcp"));
  await copyFile("test/local/stack/agents/mcp-server.mjs", join(folder, "mcp/index.mjs"));
  const withCode = (yaml: string) => yaml.replaceAll("CodeUri: sallyport/", `CodeUri: ${resolve(".")}/`);
  await writeFile(join(folder, "template.yaml"), withCode(template) + withCode(HTTP_API));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form of the configuration's own substitution
  const variable = JSON.stringify("${RESOURCE_URL}");
  await writeFile(
    join(folder, "own.config.ts"),
    `export default JSON.parse(${JSON.stringify(config)}.replaceAll(${variable}, process.env.RESOURCE_URL));`,
  );
  const start = (api: string) =>
    startLocalStack({
      template: join(folder, "template.yaml"),
      project: join(folder, "own.config.ts"),
      parameters: { ResourceUrl: `<${api}>/mcp`, ResourceMetadataUrl: `<${api}>${WELL_KNOWN}/mcp` },
    });
  rest = await start("Api");
  http = await start("HttpApi");
});
afterAll(async () => {
  await rest?.close();
  await http?.close();
  await rm(folder, { recursive: true });
});

const urlOf = (stack: LocalStack, api: string, path = "/mcp") => new URL(`${stack.gateway.urls[api]}${path}`);
const agent = () => new Client({ name: "agent", version: "1.0.0" });
const credentialsFor = (stack: LocalStack, scope: string) =>
  new ClientCredentialsProvider({ clientId: "batch", clientSecret: "any", expectedIssuer: stack.openId, scope });

describe("behind a REST API with its stage in the path", () => {
  test("a 401 names the metadata, which name the authorization server", async () => {
    const stack = running(rest);
    const refused = await fetch(urlOf(stack, "Api"), { method: "POST" });
    const metadataUrl = `${stack.gateway.urls.Api}${WELL_KNOWN}/mcp`;
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      401,
      `Bearer resource_metadata="${metadataUrl}"`,
    ]);
    const response = await fetch(metadataUrl, {
      headers: { Host: "attacker.example", Forwarded: "host=attacker.example" },
    });
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "public, max-age=3600"]);
    // RFC 9728 section 3.3: what the client called.
    expect(await response.json()).toEqual({
      resource: urlOf(stack, "Api").href,
      resource_name: "Orders for agents",
      authorization_servers: [stack.openId],
      scopes_supported: ["mcp:read"],
      bearer_methods_supported: ["header"],
    });
  });

  test("the SDK discovers all of it", async () => {
    const stack = running(rest);
    const found = await discoverOAuthServerInfo(urlOf(stack, "Api"), {
      resourceMetadataUrl: new URL(`${stack.gateway.urls.Api}${WELL_KNOWN}/mcp`),
    });
    expect(found).toMatchObject({
      authorizationServerUrl: stack.openId,
      authorizationServerMetadata: { issuer: stack.openId, token_endpoint: `${stack.openId}/token` },
      resourceMetadata: { resource: urlOf(stack, "Api").href },
    });
  });

  test("a client with credentials of its own goes from a 401 to a call that is allowed", async () => {
    const stack = running(rest);
    const authProvider = credentialsFor(stack, "mcp:read");
    const client = agent();
    await client.connect(new StreamableHTTPClientTransport(urlOf(stack, "Api"), { authProvider }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["whoami"]);
    const { content } = await client.callTool({ name: "whoami" });
    expect(content).toEqual([{ type: "text", text: "batch" }]);
    await client.close();
  });

  test("a client steps up after a 403: it asks for the scopes that the challenge names", async () => {
    const stack = running(rest);
    const person = personWith(stack.openId);
    const connect = async (path: string) => {
      const transport = new StreamableHTTPClientTransport(urlOf(stack, "Api", path), { authProvider: person });
      const client = agent();
      try {
        await client.connect(transport);
      } catch (error) {
        if (!(error instanceof UnauthorizedError)) throw error;
        await transport.finishAuth(person.code());
        await client.connect(new StreamableHTTPClientTransport(urlOf(stack, "Api", path), { authProvider: person }));
      }
      const { content } = await client.callTool({ name: "whoami" });
      await client.close();
      return content;
    };
    expect(await connect("/mcp")).toEqual([{ type: "text", text: "alice" }]);
    expect(person.asked).toEqual(["mcp:read"]);
    expect(await connect("/mcp/admin")).toEqual([{ type: "text", text: "alice" }]);
    expect(person.asked).toEqual(["mcp:read", "mcp:read mcp:admin"]);
  });

  test("a client that has all scopes that it can get stops after the second 403", async () => {
    const stack = running(rest);
    const authProvider = credentialsFor(stack, "mcp:read");
    const transport = new StreamableHTTPClientTransport(urlOf(stack, "Api", "/mcp/admin"), { authProvider });
    await expect(agent().connect(transport)).rejects.toThrow("403 after trying upscoping");
  });
});

describe("behind an HTTP API with the stage $default", () => {
  test("a 401 names nothing, and the client finds the metadata at the well-known URL of the host", async () => {
    const stack = running(http);
    const refused = await fetch(urlOf(stack, "HttpApi"), { method: "POST" });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, null]);
    const authProvider = credentialsFor(stack, "mcp:read");
    const client = agent();
    await client.connect(new StreamableHTTPClientTransport(urlOf(stack, "HttpApi"), { authProvider }));
    expect((await client.listTools()).tools).toHaveLength(1);
    await client.close();
  });
});
