import { randomBytes, randomUUID } from "node:crypto";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { inProcess } from "../cli/in-process.ts";
import { configOf } from "../fixtures.ts";
import { template } from "../template.ts";

/** --stack against moto, which MOTO_URL names: a stack with the tables, the pepper and the outputs of the template. */

const MOTO = process.env.MOTO_URL;
/** moto makes no secrets for CloudFormation: the pepper is made beside the stack. */
const REAL = ["KeysTable", "UsedAssertionsTable"];
const STACK = `deployed-${randomUUID()}`;
const OUTPUTS = ["KeysTableName", "PepperArn", "AssertionsTableName"];

function useMoto(): void {
  vi.stubEnv("AWS_ENDPOINT_URL", MOTO);
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", MOTO);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "moto");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "moto");
  vi.stubEnv("AWS_PROFILE", undefined);
}

/** The template's own resources, without its APIs and functions, which need SAM's transform. */
function partOfTemplate(pepper: string): string {
  const { Parameters, Conditions, Resources, Outputs } = template;
  const chosen = <Value>(from: Record<string, Value>, names: string[]) =>
    Object.fromEntries(names.map((name) => [name, from[name]]));
  return JSON.stringify({
    Parameters,
    Conditions,
    Resources: chosen(Resources, REAL),
    Outputs: { ...chosen(Outputs, OUTPUTS), PepperArn: { Value: pepper } },
  }).replaceAll(/"Fn::GetAtt":"(\w+)\.(\w+)"/g, '"Fn::GetAtt":["$1","$2"]');
}

describe.skipIf(!MOTO)("with moto", () => {
  beforeEach(useMoto);
  beforeAll(async () => {
    useMoto();
    const secret = { Name: `pepper-${randomUUID()}`, SecretString: randomBytes(32).toString("hex") };
    const { ARN = "" } = await new SecretsManagerClient({}).send(new CreateSecretCommand(secret));
    await new CloudFormationClient({}).send(
      new CreateStackCommand({
        StackName: STACK,
        TemplateBody: partOfTemplate(ARN),
        Parameters: [{ ParameterKey: "ConfigurationSource", ParameterValue: "ssm:/sallyport/config" }],
      }),
    );
  });

  const config = async () =>
    configOf({
      apiKeys: {
        table: process.env.SALLYPORT_KEYS_TABLE ?? "",
        peppers: [{ id: "p1", secret: { secretsManager: process.env.SALLYPORT_PEPPER_SECRET ?? "" } }],
      },
    });
  const keys = (...argv: string[]) => inProcess(["keys", ...argv, "--stack", STACK], { config });

  test("a key is issued with the pepper and into the table of a deployed stack, and revoked there", async () => {
    const { code, stdout, stderr } = await keys("issue", "--name", "Partner");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("shown this once") });
    expect(process.env.SALLYPORT_KEYS_TABLE).toMatch(/KeysTable/);
    for (let times = 0; times < 2; times++) expect(await keys("revoke", stdout.trim())).toMatchObject({ code: 0 });
  });

  test("a stack that is not there is named", async () => {
    const revoke = ["keys", "revoke", "0".repeat(16), "--stack", "none"];
    expect(await inProcess(revoke, { config })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The stack none cannot be read: Stack with id none does not exist"),
    });
  });
});
