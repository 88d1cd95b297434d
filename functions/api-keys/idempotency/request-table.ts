/**
 * A request with an `Idempotency-Key` that was begun: enough to recognise a repetition and to find out what became of
 * the request. The answer is not in it, and so no secret.
 */
export interface BegunRequest {
  /** Digest of the caller and the `Idempotency-Key`. */
  readonly id: string;
  /** HMAC of the request with a pepper. */
  readonly fingerprint: string;
  /** ID of this pepper. */
  readonly pepper: string;
  /** The key, or the partition key of the record, that the request makes or changes. */
  readonly keyId: string;
  /** What the `changeId` of its change begins with. */
  readonly changeId: string;
  /** Seconds since the epoch: when the last attempt began. */
  readonly startedAt: number;
  /** The version after the change. Absent: the request is being answered, or was cut off. */
  readonly version?: number;
  /** Seconds since the epoch, from which the table may delete it, and it counts no longer. */
  readonly ttl: number;
}

/** Where requests with an `Idempotency-Key` are remembered. Every change is conditional: two repetitions may run at once. */
export interface RequestTable {
  /**
   * Adds a request.
   *
   * @returns the one that is there already; undefined if it was added
   */
  begin(request: BegunRequest, now: number): Promise<BegunRequest | undefined>;
  /** Starts another attempt, for one that was cut off. Resolves with false if somebody else was first. */
  takeOver(before: BegunRequest, startedAt: number): Promise<boolean>;
  /** Remembers that a request was answered. */
  finish(request: BegunRequest, version: number): Promise<void>;
  /** Forgets a request that changed nothing, so that it can be repeated. */
  forget(request: BegunRequest): Promise<void>;
}
