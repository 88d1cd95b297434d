import { randomUUID } from "node:crypto";
import * as keys from "../../../providers/api-key/management/key-table.ts";
import * as entitlements from "../../../providers/entitlements/management/entitlement-table.ts";
import type { Answer } from "../http/answer.ts";
import { ProblemError } from "../http/problem.ts";
import type { Call } from "../operations/call.ts";
import { fingerprintOf, idempotencyKeyOf, isSame, requestIdOf } from "./fingerprint.ts";
import type { BegunRequest } from "./request-table.ts";

/** Seconds for which a request is remembered. */
const REMEMBERED = 86_400;

/** Seconds after which an attempt that did not end was cut off: longer than the function may run. */
export const LEASE = 30;

/** What one attempt uses, so that a later one can find out what became of it. */
export interface Attempt {
  readonly keyId: string;
  /** The `changeId` of the change; no two attempts have the same. */
  readonly changeId: string;
}

/** A request that is made once, however often it is sent. */
export interface Once {
  /** The key, or the partition key of the record, that it makes or changes. */
  readonly keyId: string;
  /** Makes the change, which made a version. Of several attempts at once, at most one succeeds. */
  perform(attempt: Attempt): Promise<{ readonly answer: Answer; readonly version: number }>;
  /** The version that shows that an attempt succeeded; undefined if none does. */
  madeVersion(keyId: string, changeId: string): Promise<number | undefined>;
  /** The answer to a repetition. It holds no secret. */
  repeated(keyId: string, version: number): Promise<Answer>;
}

/** Whether a record's last change is one of the attempts of a request. */
export const isOfAttempt = (changeId: string | undefined, begun: string): boolean =>
  changeId?.startsWith(`${begun}.`) === true;

/**
 * Answers a request. If it has an `Idempotency-Key`, a repetition changes nothing: also one that comes while the first
 * is being answered, or after the first was cut off before or after its change.
 */
export async function once(call: Call, { keyId, perform, madeVersion, repeated }: Once): Promise<Answer> {
  const { request, requests, administrator, config, time } = call;
  const key = idempotencyKeyOf(request);
  if (key === undefined) return (await perform({ keyId, changeId: randomUUID() })).answer;

  const pepper = config.peppers[0]?.id ?? "";
  const fingerprint = await fingerprintOf(request, pepper, config);
  const own: BegunRequest = {
    ...{ id: requestIdOf(key, administrator), fingerprint, pepper, keyId },
    ...{ changeId: randomUUID(), startedAt: time, ttl: time + REMEMBERED },
  };
  const before = await requests.begin(own, time);
  if (!before) return attempt(own);

  if (!isSame(before.fingerprint, await fingerprintOf(request, before.pepper, config))) {
    throw new ProblemError("idempotency-key-reused", "Send another Idempotency-Key with another request.");
  }
  if (before.version !== undefined) return repeated(before.keyId, before.version);
  const version = await finished(before);
  if (version !== undefined) return repeated(before.keyId, version);
  if (time < before.startedAt + LEASE || !(await requests.takeOver(before, time))) throw inProgress();
  return attempt(before);

  async function attempt(begun: BegunRequest): Promise<Answer> {
    try {
      const done = await perform({ keyId: begun.keyId, changeId: `${begun.changeId}.${randomUUID()}` });
      // The change is made, and its answer may hold a secret that nobody sees again. A repetition finds out by itself.
      await requests.finish(begun, done.version).catch(() => {});
      return done.answer;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const made = await finished(begun);
      if (made !== undefined) return repeated(begun.keyId, made);
      await requests.forget(begun).catch(() => {});
      throw error;
    }
  }

  /** The version that an earlier attempt made; undefined if none did. */
  async function finished(begun: BegunRequest): Promise<number | undefined> {
    const made = await madeVersion(begun.keyId, begun.changeId);
    if (made !== undefined) await requests.finish(begun, made).catch(() => {});
    return made;
  }
}

/** A change that was certainly not made. After anything else it may have been. */
const isRefusal = (error: unknown) =>
  [
    ProblemError,
    keys.VersionConflict,
    keys.ChangeRefused,
    entitlements.VersionConflict,
    entitlements.ChangeRefused,
  ].some((refusal) => error instanceof refusal);

const inProgress = () =>
  new ProblemError("request-in-progress", "Repeat the request in some seconds.", { headers: { "Retry-After": "2" } });
