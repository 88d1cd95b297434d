import type { KeyStore } from "../../providers/api-key/store.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { UsageError } from "../usage-error.ts";

const HINT = "Check the table's name, AWS credentials and region, and AWS_ENDPOINT_URL_DYNAMODB.";

/**
 * Runs an action on the configured table of API keys.
 *
 * @throws {UsageError} if the configuration has no table
 * @throws {Failure} with a hint, if a call to AWS fails
 */
export async function inTable<Result>(
  { config }: CommandIo,
  action: (store: KeyStore, config: ApiKeysConfig) => Promise<Result>,
): Promise<Result> {
  const { apiKeys } = await config();
  if (!apiKeys) throw new UsageError("The configuration has no `apiKeys`.");
  const { dynamoDbStore } = await import("../../providers/api-key/dynamodb-store.ts");
  const { COMMAND_LIMITS } = await import("../../shared/infrastructure/dynamodb/exchange.ts");
  try {
    return await action(dynamoDbStore(apiKeys.table, COMMAND_LIMITS), apiKeys);
  } catch (error) {
    throw isTrouble(error) ? new Failure(`${troubleText(error)}\n${HINT}`, { cause: error }) : error;
  }
}

/** Whether a store or a secret failed: a `TroubleError`, an error of the AWS SDK, or a network error. */
function isTrouble(error: unknown): boolean {
  const { code, $service } = Object(error) as { code?: unknown; $service?: unknown };
  return error instanceof TroubleError || $service !== undefined || typeof code === "string";
}

function troubleText(error: unknown): string {
  if (!(error instanceof TroubleError)) return errorText(error);
  return `${error.reason}: ${error.cause instanceof Error ? errorText(error.cause) : ""}`;
}
