import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { UsageError } from "../usage-error.ts";

const HINT =
  "Check the table's name (--stack NAME takes that of a deployed stack), AWS credentials, profile and Region, and AWS_ENDPOINT_URL_DYNAMODB.";

/**
 * Runs an action on the configured table of API keys.
 *
 * @throws {UsageError} if the configuration has no table
 * @throws {Failure} with a hint, if a call to AWS fails
 */
export async function inTable<Result>(
  { config }: CommandIo,
  action: (table: KeyTable, config: ApiKeysConfig) => Promise<Result>,
): Promise<Result> {
  const { apiKeys } = await config();
  if (!apiKeys) throw new UsageError("The configuration has no `apiKeys`.");
  const { dynamoDbKeyTable } = await import("../../providers/api-key/management/dynamodb-key-table.ts");
  try {
    return await action(dynamoDbKeyTable(apiKeys.table), apiKeys);
  } catch (error) {
    if (!isTrouble(error)) throw error;
    const what =
      error instanceof TroubleError && error.reason === "secret_unavailable" ? "The pepper of the table" : "The table";
    throw new Failure(`${what} ${shownTable(apiKeys.table)}: ${troubleText(error)}\n${HINT}`, { cause: error });
  }
}

/** A name as CloudFormation makes them, `stack-KeysTable-1A2B3C4D5E6F7`: too long to be printable, and no secret. */
const GENERATED =
  /^(arn:aws[a-z-]*:dynamodb:[\w-]+:\d{12}:table\/)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*-[A-Z0-9]{12,13}$/;

const shownTable = (table: string) =>
  GENERATED.test(table) ? JSON.stringify(table) : (printable(table) ?? "of the configuration");

/**
 * Whether a store or a secret failed: a `TroubleError`, an error of the AWS SDK, or a network error. The SDK's errors
 * before it sends anything have no mark but their name (`CredentialsProviderError`) or, without a Region, their message.
 */
function isTrouble(error: unknown): boolean {
  const { code, $metadata, tryNextLink, message } = Object(error) as Record<string, unknown>;
  return (
    error instanceof TroubleError ||
    $metadata !== undefined ||
    tryNextLink !== undefined ||
    typeof code === "string" ||
    message === "Region is missing"
  );
}

function troubleText(error: unknown): string {
  if (!(error instanceof TroubleError)) return errorText(error);
  const cause = error.cause instanceof Error ? errorText(error.cause) : "";
  return error.reason === "key_store_unavailable" ? cause : `${error.reason}: ${cause}`;
}
