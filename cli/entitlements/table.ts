import * as v from "valibot";
import { dynamoDbEntitlementTable } from "../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import {
  ChangeRefused,
  type EntitlementTable,
  VersionConflict,
} from "../../providers/entitlements/management/entitlement-table.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { errorText } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { eventText } from "../keys/shown/times.ts";
import { wrongFields } from "../keys/wrong-fields.ts";
import { UsageError } from "../usage-error.ts";

const HINT =
  "Check the table's name (--stack NAME takes that of a deployed stack), AWS credentials, profile and Region, and AWS_ENDPOINT_URL_DYNAMODB.";

const DAMAGED =
  "The record is damaged (entitlement_record_invalid), so that whoever it is about gets 500. Nothing was changed. " +
  "`sallyport entitlements remove --damaged` deletes it.";

/**
 * Runs an action on the configured table of entitlements.
 *
 * @throws {UsageError} if the configuration has none
 * @throws {Failure} with a hint, if a call to AWS fails; or with who was first, if a change is refused
 */
export async function inEntitlements<Result>(
  { config }: CommandIo,
  action: (table: EntitlementTable) => Promise<Result>,
): Promise<Result> {
  const { entitlements } = await config();
  if (!entitlements) {
    throw new UsageError("The configuration has no `entitlements`: decisions would not read what this writes.");
  }
  try {
    return await action(dynamoDbEntitlementTable(entitlements.table));
  } catch (error) {
    throw failureOf(error);
  }
}

/** The error for people. One that says nothing about the table is returned as it is. */
function failureOf(error: unknown): unknown {
  if (error instanceof v.ValiError) return wrongFieldsError(error);
  if (error instanceof ChangeRefused) return new Failure(error.message, { cause: error });
  if (error instanceof VersionConflict) return new Failure(conflictText(error), { cause: error });
  if (error instanceof TroubleError && error.reason === "entitlement_record_invalid") {
    return new Failure(DAMAGED, { cause: error });
  }
  const cause = error instanceof TroubleError ? error.cause : error;
  const { $metadata, code, path } = Object(cause) as Record<string, unknown>;
  const isTrouble = error instanceof TroubleError || $metadata !== undefined || (typeof code === "string" && !path);
  return isTrouble ? new Failure(`The table of entitlements: ${errorText(cause)}\n${HINT}`, { cause: error }) : error;
}

/** Values that a record cannot have. */
function wrongFieldsError(error: unknown): unknown {
  try {
    return wrongFields(error);
  } catch (wrong) {
    return wrong;
  }
}

function conflictText({ message, current }: VersionConflict): string {
  if (!current) return `${message} Nothing was changed.`;
  const { version, changedAt, changedBy, changeReason } = current;
  return `${message} It is version ${version} now, changed ${eventText(changedAt, changedBy, changeReason)}. Nothing was changed.`;
}
