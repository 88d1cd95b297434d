import { ChangeRefused, EarlierGrace, VersionConflict } from "../../providers/api-key/management/key-table.ts";
import { missingIndex, missingIndexText } from "../../providers/api-key/management/missing-index.ts";
import { versionOf } from "../../providers/api-key/record.ts";
import { CallerMissingError } from "../../shared/domain/caller/read-caller.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
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
import { type Administrator, administratorOf, type KeysScope } from "./rights/administrator.ts";
import { instantText } from "./schema/key.ts";

interface Operation {
  readonly scope: KeysScope;
  run(call: Call): Promise<Answer>;
}

/** The routes of this API. `template.yaml` has the same. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "POST /keys": { scope: "keys:write", run: issueKey },
  "GET /keys": { scope: "keys:read", run: listKeys },
  "GET /keys/{id}": { scope: "keys:read", run: readKey },
  "PATCH /keys/{id}": { scope: "keys:write", run: updateKey },
  "POST /keys/{id}/rotate": { scope: "keys:write", run: rotateKey },
  "POST /keys/{id}/disable": { scope: "keys:write", run: disableKey },
  "POST /keys/{id}/enable": { scope: "keys:write", run: enableKey },
  "POST /keys/{id}/revoke": { scope: "keys:write", run: revokeKey },
  "DELETE /keys/{id}": { scope: "keys:write", run: removeKey },
  "GET /openapi.json": { scope: "keys:read", run: readDocument },
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
    administrator = await administratorOf(event, operation.scope, services.table, time);
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
  if (error instanceof CallerMissingError) {
    // Better no answer than one to everybody.
    return new ProblemError("failed", "This route has no authorizer.", { cause: error });
  }
  const index = missingIndex(error);
  if (index !== undefined) {
    return new ProblemError("unavailable", missingIndexText(index, "The table of keys"), { cause: error });
  }
  const detail = route.startsWith("GET ")
    ? "Nothing was changed. Repeat the request."
    : "It is not known whether the change was made. Repeat the request with the same Idempotency-Key, or read the key.";
  return new ProblemError("unavailable", detail, { cause: error, headers: { "Retry-After": "2" } });
}

/** Tells who was first. */
function conflictOf({ current }: VersionConflict, administrator: Administrator | undefined): ProblemError {
  if (!current) return notFound();
  const { changedBy, createdBy, changedAt, createdAt } = current;
  const by = changedBy ?? createdBy;
  // Who it was is not for everybody, as in the key itself.
  const isShown = administrator && (administrator.limits === undefined || administrator.by === by);
  return new ProblemError("version-conflict", "Read the key again, and decide anew. `current` is its version now.", {
    current: withoutUndefined({
      version: versionOf(current),
      by: isShown ? by : undefined,
      at: instantText(changedAt ?? createdAt),
    }),
  });
}
