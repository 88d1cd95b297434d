import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

let client: SecretsManagerClient | undefined;

/** Current value of a secret, or one member of a secret that is a JSON object (Secrets Manager GetSecretValue). */
export async function getSecret(
  source: { secretsManager: string; field?: string | undefined },
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  client ??= new SecretsManagerClient({ maxAttempts: 2 });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: source.secretsManager }), {
    abortSignal,
  });
  if (source.field === undefined || SecretString === undefined) return SecretString;
  const value: unknown = Object(parsed(SecretString))[source.field];
  return typeof value === "string" ? value : undefined;
}

/** The parser's own message repeats a part of the secret. */
function parsed(secret: string): unknown {
  try {
    return JSON.parse(secret);
  } catch {
    throw new Error("the secret is no JSON object, and so has no fields");
  }
}
