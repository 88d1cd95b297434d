import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { configOf } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { template } from "../../template.ts";
import { inProcess } from "../in-process.ts";
import { type CloudFormationStandIn, startCloudFormation } from "./cloudformation.ts";

/** Commands with --stack use the table and the secrets that the outputs of a deployed stack name. */

let table: KeyTableFixture;
let aws: CloudFormationStandIn;
beforeAll(async () => {
  table = await createKeyTableFixture();
  aws = await startCloudFormation({
    mine: { KeysTableName: table.config.table, PepperArn: "arn:pepper", AssertionsTableName: "used" },
    other: { KeysTableName: "other-KeysTable-1A2B3C4D5E6F7", PepperArn: "arn:pepper" },
    foreign: { Url: "https://example.com" },
    empty: {},
  });
});
afterAll(async () => {
  await Promise.all([table.close(), aws.close()]);
});
beforeEach(() => {
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint);
  for (const name of [
    "SALLYPORT_KEYS_TABLE",
    "SALLYPORT_PEPPER_SECRET",
    "SALLYPORT_ASSERTIONS_TABLE",
    "SALLYPORT_CACHE_TTL",
  ])
    vi.stubEnv(name, "");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  vi.stubEnv("AWS_PROFILE", undefined);
  return () => vi.unstubAllEnvs();
});

/** The configuration reads its table from the environment, as `sallyport.config.ts` does. */
const config = async () =>
  configOf({ apiKeys: { ...table.config, table: process.env.SALLYPORT_KEYS_TABLE || "sallyport-keys" } });
const run = (...argv: string[]) => inProcess(argv, { config });

test("a key is issued into the stack's table, and revoked there", async () => {
  const { code, stdout, stderr } = await run("keys", "issue", "--name", "Partner", "--stack", "mine");
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("shown this once") });
  const read = async () => (await table.store.get(stdout.split("_")[2] ?? "", AbortSignal.timeout(5000))).record;
  expect(await read()).toMatchObject({ name: "Partner", status: "active" });
  expect(await run("keys", "revoke", stdout.trim(), "--yes", "--stack", "mine")).toMatchObject({ code: 0 });
  expect(await read()).toMatchObject({ status: "revoked" });
  expect(process.env).toMatchObject({ SALLYPORT_PEPPER_SECRET: "arn:pepper", SALLYPORT_ASSERTIONS_TABLE: "used" });
});

test("how long caches may serve a revoked key is said by the stack's parameter", async () => {
  const { record } = await table.issue();
  const { stderr } = await run("keys", "revoke", record.id, "--yes", "--stack", "mine");
  expect(stderr).toContain("for up to 7 min more");
});

test("CloudFormation is asked in the given Region", async () => {
  await run("keys", "revoke", "0".repeat(16), "--yes", "--stack", "mine", "--region", "us-east-2");
  expect(aws.asked.at(-1)).toEqual({
    parameters: expect.objectContaining({ Action: "DescribeStacks", StackName: "mine" }),
    signer: "local in us-east-2",
  });
});

test("without --stack nothing is asked, and a failing table is named", async () => {
  // The default name may be that of another test's table.
  vi.stubEnv("SALLYPORT_KEYS_TABLE", "absent-keys");
  const before = aws.asked.length;
  const { code, stderr } = await run("keys", "revoke", "0".repeat(16), "--yes");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The table "absent-keys": /);
  expect(aws.asked).toHaveLength(before);
});

describe("says what is wrong", () => {
  const revoke = (stack: string) => run("keys", "revoke", "0".repeat(16), "--yes", "--stack", stack);

  test("with a stack that is not there", async () => {
    const { code, stderr } = await revoke("none");
    expect(code).toBe(1);
    expect(stderr).toContain("The stack none cannot be read: Stack with id none does not exist");
    expect(stderr).toContain("--region");
  });

  test.each([
    ["of another template", "foreign", /no output KeysTableName/],
    ["without outputs", "empty", /has no outputs: it is CREATE_COMPLETE/],
  ])("with a stack %s", async (_, stack, message) => {
    const { code, stderr } = await revoke(stack);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test("with a stack's table that is not there, by its generated name", async () => {
    const { code, stderr } = await revoke("other");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The table "other-KeysTable-1A2B3C4D5E6F7": /);
  });

  test("with a configuration of another table, whose keys the stack would never read", async () => {
    const fixed = async () => configOf({ apiKeys: table.config });
    const { code, stderr } = await inProcess(["keys", "issue", "--name", "a", "--stack", "other"], { config: fixed });
    expect(code).toBe(1);
    expect(stderr).toContain("the stack's table is other-KeysTable-1A2B3C4D5E6F7");
    expect(stderr).toContain("SALLYPORT_KEYS_TABLE");
  });

  test.each(["", "my stack", "-x", "https://a"])("with %j, which is no name of a stack", async (name) => {
    expect(await revoke(name)).toMatchObject({ code: 2, stderr: expect.stringContaining("--stack takes the name") });
  });
});

test("the template has every output that the command line reads", () => {
  for (const name of [
    "KeysTableName",
    "PepperArn",
    "AssertionsTableName",
    "ActivityTableName",
    "WhoamiUrl",
    "HttpWhoamiUrl",
  ])
    expect(template.Outputs).toHaveProperty(name);
  expect(template.Outputs).toHaveProperty("AuthorizerLogGroup");
});
