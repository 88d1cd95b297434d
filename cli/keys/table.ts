import {
  ChangeRefused,
  EarlierGrace,
  type KeyTable,
  VersionConflict,
} from "../../providers/api-key/management/key-table.ts";
import { missingIndex, missingIndexText } from "../../providers/api-key/management/missing-index.ts";
import { versionOf } from "../../providers/api-key/record.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { UsageError } from "../usage-error.ts";
import { eventText } from "./shown/times.ts";

const HINT =
  "Check the table's name (--stack NAME takes that of a deployed stack), AWS credentials, profile and Region, and AWS_ENDPOINT_URL_DYNAMODB.";

/**
 * Runs an action on the configured table of API keys.
 *
 * @throws {UsageError} if the configuration has no table
 * @throws {Failure} with a hint, if a call to AWS fails; or with who was first, if a change is refused
 */
export async function inTable<Result>(
  { config, target }: CommandIo,
  action: (table: KeyTable, config: ApiKeysConfig) => Promise<Result>,
): Promise<Result> {
  const { apiKeys } = await config();
  if (!apiKeys) throw new UsageError("The configuration has no `apiKeys`.");
  const { dynamoDbKeyTable } = await import("../../providers/api-key/management/dynamodb-key-table.ts");
  try {
    return await action(dynamoDbKeyTable(apiKeys.table), apiKeys);
  } catch (error) {
    throw failureOf(error, apiKeys.table, target);
  }
}

/**
 * The error for people. One that says nothing about the table is returned as it is.
 *
 * @param target options of the commands that are suggested
 */
export function failureOf(error: unknown, table: string, target = ""): unknown {
  if (error instanceof VersionConflict || error instanceof ChangeRefused) {
    return new Failure(refusalText(error, target), { cause: error });
  }
  if (!isTrouble(error)) return error;
  const index = missingIndex(error);
  if (index !== undefined) {
    const text = missingIndexText(index, `The table ${shownTable(table)}`);
    return new Failure(
      text.replace("keys reindex`", () => `keys reindex${target}\``),
      { cause: error },
    );
  }
  if (error instanceof TroubleError && error.reason === "key_record_invalid") {
    return new Failure(damagedText(target), { cause: error });
  }
  const what =
    error instanceof TroubleError && error.reason === "secret_unavailable" ? "The pepper of the table" : "The table";
  return new Failure(`${what} ${shownTable(table)}: ${troubleText(error)}\n${HINT}`, { cause: error });
}

const damagedText = (target: string) =>
  "The record of the key is damaged (key_record_invalid), so that nobody can use the key. Nothing was changed. " +
  `\`sallyport keys revoke ID${target}\` ends it all the same; docs/api-keys.md says what makes a record damaged.`;

/** Tells the second of two operators who was first. */
function refusalText(error: VersionConflict | ChangeRefused, target: string): string {
  const { message, current } = error;
  if (!current) return error instanceof VersionConflict ? `${message}${deletionText(error)}` : message;
  if (error instanceof EarlierGrace) {
    return `${message} --end-earlier-grace ends it now; --grace 0 ends every earlier secret.\nNothing was changed.`;
  }
  const { id, changedAt, changedBy, changeReason, revokedAt, revokedBy, revokeReason } = current;
  const last =
    current.status === "revoked" && revokedAt !== undefined
      ? `It was revoked ${eventText(revokedAt, revokedBy, revokeReason)}.`
      : `It is version ${versionOf(current)} now${changedAt === undefined ? "" : `, changed ${eventText(changedAt, changedBy, changeReason)}`}.`;
  return `${message} ${last}\nNothing was changed. \`sallyport keys show ${id}${target}\` shows what it is now.`;
}

const deletionText = ({ deletion }: VersionConflict) =>
  deletion ? ` It was deleted ${eventText(deletion.deletedAt, deletion.deletedBy, deletion.deleteReason)}.` : "";

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
  const { code, $metadata, tryNextLink, message, path } = Object(error) as Record<string, unknown>;
  return (
    error instanceof TroubleError ||
    $metadata !== undefined ||
    tryNextLink !== undefined ||
    // An error with a path is of a file.
    (typeof code === "string" && path === undefined) ||
    message === "Region is missing"
  );
}

function troubleText(error: unknown): string {
  if (!(error instanceof TroubleError)) return errorText(error);
  const cause = error.cause instanceof Error ? errorText(error.cause) : "";
  return error.reason === "key_store_unavailable" ? cause : `${error.reason}: ${cause}`;
}
