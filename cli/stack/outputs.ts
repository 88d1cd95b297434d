import type { Stack } from "@aws-sdk/client-cloudformation";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import type { StackPlace } from "./options.ts";

/** The outputs of a deployed stack, by their names. */
export type StackOutputs = Readonly<Record<string, string>>;

const HINT = "Check --stack, --profile, --region and the AWS credentials; they need cloudformation:DescribeStacks.";

/** What a deployed stack says of itself. */
export interface DeployedStack {
  readonly outputs: StackOutputs;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads the outputs and the parameters of a deployed stack.
 *
 * @throws {Failure} if there is no such stack, it has no outputs, or AWS cannot be asked
 */
export async function readStack(name: string): Promise<DeployedStack> {
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient({ requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000 } });
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return { outputs: outputsOf(name, stack), parameters: parametersOf(stack) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`The stack ${name} cannot be read: ${errorText(error)}\n${HINT}`, { cause: error });
  } finally {
    client.destroy();
  }
}

function outputsOf(name: string, stack: Stack | undefined): StackOutputs {
  const outputs = (stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]);
  if (outputs.length > 0) return Object.fromEntries(outputs);
  throw new Failure(`The stack ${name} has no outputs: it is ${stack?.StackStatus ?? "not there"}.`);
}

const parametersOf = (stack: Stack | undefined) =>
  Object.fromEntries((stack?.Parameters ?? []).map((each) => [each.ParameterKey ?? "", each.ParameterValue ?? ""]));

/** Makes the AWS clients of this process use the profile and the Region. */
export function usePlace({ profile, region }: StackPlace): void {
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (region !== undefined) process.env.AWS_REGION = region;
}
