import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { split } from "shlex";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { LOCAL } from "../../local/stage/configuration.ts";
import { dynamoDbStore } from "../../providers/api-key/dynamodb-store.ts";
import { configOf } from "../fixtures.ts";
import { template } from "../template.ts";
import { inProcess } from "./in-process.ts";
import { type CloudFormationStandIn, startCloudFormation } from "./stack/cloudformation.ts";

/** `sallyport smoke` against the project's template behind the local gateway. */

let stack: LocalStack;
/** The stack's table of keys. */
let keys: string;
let aws: CloudFormationStandIn;
beforeAll(async () => {
  stack = await startLocalStack({ template: "template.yaml" });
  keys = stack.config.apiKeys?.table ?? "";
  const { RestApi, HttpApi } = stack.gateway.urls;
  const table = { KeysTableName: keys, PepperArn: "arn:pepper", AuthorizerLogGroup: "/log/group" };
  aws = await startCloudFormation({
    deployed: { ...table, WhoamiUrl: `${RestApi}/whoami`, HttpWhoamiUrl: `${HttpApi}/whoami` },
    orders: { ...table, WhoamiUrl: `${RestApi}/tenants/acme/orders` },
    bare: table,
  });
  // The issuers of the local stage put the pepper into this process's environment, where the command reads it.
  await fetch(`${stack.issuers}/api-key`);
});
beforeEach(() => {
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint);
  vi.stubEnv("AWS_PROFILE", undefined);
});
afterAll(async () => {
  await Promise.all([stack.close(), aws.close()]);
});

const config = async () =>
  configOf({
    apiKeys: { table: keys, peppers: [{ id: "p1", secret: { environment: LOCAL.pepperVariable } }] },
  });
const smoke = (...argv: string[]) => inProcess(["smoke", ...argv], { config });
const issuedIn = (stderr: string) => /The key (\w{16}), which was issued for this, is revoked/.exec(stderr)?.[1] ?? "";

test("sends one request of each kind to each API, and exits with 0 if each gets what it should", async () => {
  const token = await (await fetch(`${stack.issuers}/jwt`)).text();
  const { code, stdout, stderr } = await smoke("--stack", "deployed", "--token", token);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^The key \w{16}, .* is revoked\.\n$/) });
  expect(stdout).toContain("8 requests, 0 not as expected.");
  for (const line of [
    "no credential        401",
    "an unknown API key   401",
    "an API key           200",
    "the given token      200",
  ])
    expect(stdout.split(`✓ ${line}`)).toHaveLength(3);
  expect(stdout + stderr).not.toContain(token);
});

test("the commands that the template's outputs print run as they are printed", async () => {
  for (const [name, { Value }] of Object.entries(template.Outputs)) {
    if (!name.startsWith("Next")) continue;
    const text = String((Value as { "Fn::Sub": string })["Fn::Sub"]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own substitutions
    const printed = text.replaceAll("${AWS::StackName}", "deployed").replaceAll("${AWS::Region}", "eu-west-1");
    const [, command] = /^npm run sallyport (?:--silent )?-- (.+)$/.exec(printed) ?? [];
    if (command === undefined) expect(printed).toMatch(/^aws logs tail \S+ --follow --region eu-west-1$/);
    else expect(await inProcess(split(command), { config })).toMatchObject({ code: 0 });
  }
});

test("revokes the key that it issued, and prints neither it nor its secret", async () => {
  const { stdout, stderr } = await smoke("--stack", "deployed");
  expect(await dynamoDbStore(keys).get(issuedIn(stderr), AbortSignal.timeout(5000))).toMatchObject({
    record: { name: "sallyport smoke", status: "revoked", expiresAt: expect.any(Number) },
  });
  expect(stdout + stderr).not.toMatch(/sp_live_/);
});

test("exits with 1 where an answer is another one, with the reason of a denial and the command that shows the log", async () => {
  const { code, stdout, stderr } = await smoke("--stack", "orders");
  expect(code).toBe(1);
  expect(stdout).toContain("✗ an API key           403, expected 200: route_not_granted");
  expect(stdout).toContain("aws logs tail /log/group --since 5m");
  expect(issuedIn(stderr)).not.toBe("");
});

test("gives its key the scopes that a route needs", async () => {
  const { RestApi } = stack.gateway.urls;
  const { stdout } = await smoke("--stack", "bare", "--url", `${RestApi}/admin/x`, "--scope", "orders:read");
  expect(stdout).toContain(`${RestApi}/admin/x`);
});

describe("against a server that is not what it should be", () => {
  let server: Server | undefined;
  const listening = async (status: number, headers: Record<string, string> = {}) => {
    const seen: (string | undefined)[] = [];
    server = createServer(({ headers: { authorization } }, response) => {
      seen.push(authorization);
      response.writeHead(status, headers).end("a body that nobody prints");
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  };
  afterEach(() => server?.close());

  test("an open route fails, because it lets in who has no credential", async () => {
    const { url } = await listening(200);
    const { code, stdout } = await smoke("--url", url);
    expect(code).toBe(1);
    expect(stdout).toContain("✗ no credential        200, expected 401: the route has no authorizer");
    expect(stdout).not.toContain("a body");
  });

  test("trouble is told from a refusal", async () => {
    const { url } = await listening(500);
    expect((await smoke("--url", url)).stdout).toContain("500, expected 401: the authorizer could not decide");
  });

  test("a redirect is not followed, because it would take the credential along", async () => {
    const { url, seen } = await listening(302, { location: "http://127.0.0.1:9/" });
    expect((await smoke("--url", url)).stdout).toContain("302, expected 200");
    expect(seen).toHaveLength(3);
  });

  test("no answer is named, and the key is revoked all the same", async () => {
    const { code, stdout, stderr } = await smoke("--url", "http://127.0.0.1:9/");
    expect(code).toBe(1);
    expect(stdout).toContain("no answer: ");
    expect(await dynamoDbStore(keys).get(issuedIn(stderr), AbortSignal.timeout(5000))).toMatchObject({
      record: { status: "revoked" },
    });
  });
});

test.each([
  [[], "--stack or --url is missing"],
  [["--stack", "bare"], "none of the example APIs"],
  [["--url", "http://api.example.com/whoami"], "an https URL"],
  [["--url", "https://a.example.com", "--scope", "a,b"], "repeat --scope"],
  [["--url", "https://a.example.com", "--token", ""], "--token takes one credential"],
])("%j is called wrongly", async (argv, message) => {
  const { code, stdout, stderr } = await smoke(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test.each(["eyJ0eXAi\nhunter2", "eyJ0eXAi\thunter2", "eyJ0eXAi\u2026hunter2", "Bearer eyJ0eXAi\r\nhunter2"])(
  "a token that no header can hold is not repeated: %j",
  async (token) => {
    const { code, stdout, stderr } = await smoke("--url", "http://127.0.0.1:9/", "--token", token);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain("--token takes one credential in one line");
    expect(stdout + stderr).not.toContain("hunter2");
  },
);

test("white space around a token is not sent", async () => {
  const token = await (await fetch(`${stack.issuers}/jwt`)).text();
  const { stdout } = await smoke("--url", `${stack.gateway.urls.RestApi}/whoami`, "--token", ` ${token}\n`);
  expect(stdout).toContain("✓ the given token      200");
});
