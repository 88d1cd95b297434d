import { ChangeRefused, EarlierGrace, VersionConflict } from "../../providers/api-key/management/key-table.ts";
import { missingIndex, missingIndexText } from "../../providers/api-key/management/missing-index.ts";
import { versionOf } from "../../providers/api-key/record.ts";
import * as entitlements from "../../providers/entitlements/management/entitlement-table.ts";
import { CallerMissingError } from "../../shared/domain/caller/read-caller.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { isDamage as isDamagedRecord, noRecord } from "./entitlements/refusals.ts";
import { ENTITLEMENT_OPERATIONS } from "./entitlements/routes.ts";
import type { Answer } from "./http/answer.ts";
import { type ApiRequest, readRequest } from "./http/api-request.ts";
import { ProblemError } from "./http/problem.ts";
import type { Call, Services } from "./operations/call.ts";
import { readDocument } from "./operations/document.ts";
import { issueKey } from "./operations/issue.ts";
import { listKeys } from "./operations/list.ts";
import { readKey } from "./operations/read.ts";
import { rotateKey } from "./operations/rotate.ts";
import { disableKey, enableKey, removeKey, revokeKey } from "./operations/set-status.ts";
import { notFound } from "./operations/target.ts";
import { updateKey } from "./operations/update.ts";
import { type Administrator, type AdminScope, administratorOf } from "./rights/administrator.ts";
import { instantText } from "./schema/key.ts";

interface Operation {
  /** The caller needs one of these scopes. */
  readonly anyOf: readonly AdminScope[];
  run(call: Call): Promise<Answer>;
}

/** The routes of this API. `template.yaml` has the same. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "POST /keys": { anyOf: ["keys:write"], run: issueKey },
  "GET /keys": { anyOf: ["keys:read"], run: listKeys },
  "GET /keys/{id}": { anyOf: ["keys:read"], run: readKey },
  "PATCH /keys/{id}": { anyOf: ["keys:write"], run: updateKey },
  "POST /keys/{id}/rotate": { anyOf: ["keys:write"], run: rotateKey },
  "POST /keys/{id}/disable": { anyOf: ["keys:write"], run: disableKey },
  "POST /keys/{id}/enable": { anyOf: ["keys:write"], run: enableKey },
  "POST /keys/{id}/revoke": { anyOf: ["keys:write"], run: revokeKey },
  "DELETE /keys/{id}": { anyOf: ["keys:write"], run: removeKey },
  ...ENTITLEMENT_OPERATIONS,
  "GET /openapi.json": { anyOf: ["keys:read", "entitlements:read"], run: readDocument },
};

/**
 * Answers an event of an HTTP API, payload format 2.0.
 *
 * @throws {ProblemError} for everything that is no answer
 */
export async function answerRequest(event: unknown, services: Services): Promise<Answer> {
  const request = readRequest(event);
  const operation = Object.hasOwn(OPERATIONS, request.route) ? OPERATIONS[request.route] : undefined;
  if (!operation) throw notFound();
  const time = Math.floor(Date.now() / 1000);
  let administrator: Administrator | undefined;
  try {
    administrator = await administratorOf(event, operation.anyOf, services.table, time);
    return await operation.run({ ...services, request, administrator, time });
  } catch (error) {
    throw problemOf(error, request, administrator);
  }
}

/** What an error means to the caller. What is none of ours is told without a word of it. */
function problemOf(error: unknown, { route }: ApiRequest, administrator: Administrator | undefined): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof VersionConflict) return conflictOf(error, administrator);
  if (error instanceof EarlierGrace) {
    const wayOut = "Wait, or send endsEarlierGrace: true, or a grace of 0, which ends every earlier secret.";
    return new ProblemError("key-state", `${error.message} ${wayOut}`);
  }
  if (error instanceof ChangeRefused) return new ProblemError("key-state", error.message);
  if (error instanceof entitlements.VersionConflict) return recordConflictOf(error);
  if (error instanceof entitlements.ChangeRefused) return new ProblemError("record-state", error.message);
  if (isDamagedRecord(error)) {
    const wayOut = "Nobody it is about is let in. DELETE with damaged=true deletes it, whatever is in it.";
    return new ProblemError("record-damaged", wayOut, { cause: error });
  }
  if (error instanceof CallerMissingError) {
    // Better no answer than one to everybody.
    return new ProblemError("failed", "This route has no authorizer.", { cause: error });
  }
  const index = route.includes("/entitlements") ? undefined : missingIndex(error);
  if (index !== undefined) {
    return new ProblemError("unavailable", missingIndexText(index, "The table of keys"), { cause: error });
  }
  const detail = route.startsWith("GET ")
    ? "Nothing was changed. Repeat the request."
    : "It is not known whether the change was made. Repeat the request with the same Idempotency-Key, or read what it changes.";
  return new ProblemError("unavailable", detail, { cause: error, headers: { "Retry-After": "2" } });
}

/** Tells who was first. */
function conflictOf({ current }: VersionConflict, administrator: Administrator | undefined): ProblemError {
  if (!current) return notFound();
  const { changedBy, createdBy, changedAt, createdAt } = current;
  const by = changedBy ?? createdBy;
  // Who it was is not for everybody, as in the key itself.
  const isShown = administrator && (administrator.limits === undefined || administrator.by === by);
  return versionConflict(versionOf(current), isShown ? by : undefined, changedAt ?? createdAt);
}

/** The same, of a record of entitlements, which operators alone see. */
const recordConflictOf = ({ current }: entitlements.VersionConflict): ProblemError =>
  current ? versionConflict(current.version, current.changedBy, current.changedAt) : noRecord();

const versionConflict = (version: number, by: string | undefined, at: number) =>
  new ProblemError("version-conflict", "Read it again, and decide anew. `current` is its version now.", {
    current: withoutUndefined({ version, by, at: instantText(at) }),
  });
