import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

let client: SSMClient | undefined;

/** Value of an SSM parameter, decrypted if it is a SecureString (SSM GetParameter). */
export async function getParameter(name: string, abortSignal: AbortSignal): Promise<string | undefined> {
  client ??= new SSMClient({ maxAttempts: 2 });
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
    abortSignal,
  });
  return Parameter?.Value;
}
