import { randomBytes } from "node:crypto";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { template } from "../template.ts";

/** The address of moto, a stand-in for AWS; without it the tests with moto are skipped. */
export const MOTO = process.env.MOTO_URL;
if (!MOTO) console.warn("The tests with moto are skipped: MOTO_URL is not set.");

/** Variables by which the SDK and the AWS CLI speak to moto. */
export const MOTO_ENVIRONMENT = {
  AWS_ENDPOINT_URL: MOTO,
  AWS_ENDPOINT_URL_DYNAMODB: MOTO,
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "moto",
  AWS_SECRET_ACCESS_KEY: "moto",
  AWS_PAGER: "",
} as const;

/**
 * Deploys the parts of the template that need no SAM: the tables, the log and their outputs. The pepper is made beside
 * the stack, because moto makes no secrets for CloudFormation.
 */
export async function deployStack(name: string): Promise<void> {
  const secret = { Name: `pepper-of-${name}`, SecretString: randomBytes(32).toString("hex") };
  const { ARN = "" } = await new SecretsManagerClient({}).send(new CreateSecretCommand(secret));
  const Parameters = [
    { ParameterKey: "ConfigurationSource", ParameterValue: "ssm:/sallyport/config" },
    { ParameterKey: "DeletionProtection", ParameterValue: "false" },
  ];
  const command = new CreateStackCommand({ StackName: name, TemplateBody: partOfTemplate(ARN), Parameters });
  await new CloudFormationClient({}).send(command);
}

function partOfTemplate(pepper: string): string {
  const { Parameters, Conditions, Resources, Outputs } = template;
  const chosen = <Value>(from: Readonly<Record<string, Value>>, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, from[name]]));
  const part = {
    Parameters,
    Conditions,
    Resources: chosen(Resources, ["KeysTable", "UsedAssertionsTable", "AuthorizerLogs"]),
    Outputs: {
      ...chosen(Outputs, ["KeysTableName", "AssertionsTableName", "AuthorizerLogGroup"]),
      PepperArn: { Value: pepper },
    },
  };
  // moto does not read the short form of GetAtt.
  return JSON.stringify(part).replaceAll(/"Fn::GetAtt":"(\w+)\.(\w+)"/g, '"Fn::GetAtt":["$1","$2"]');
}
