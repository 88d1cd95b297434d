/**
 * Every problem that this API answers with (RFC 9457), by its code: its status and its title. A code is an interface: it
 * is not renamed or reused.
 */
export const PROBLEMS = {
  "invalid-request": [400, "The request has mistakes"],
  "not-permitted": [403, "You may not do this"],
  "not-found": [404, "There is no such key or record, or it is not yours to manage"],
  "key-state": [409, "The state of the key does not allow this"],
  "record-state": [409, "The state of the record does not allow this"],
  "entitlements-off": [409, "This deployment has no entitlements"],
  "request-in-progress": [409, "The same request is being answered"],
  "version-conflict": [412, "The key or the record has another version"],
  "body-too-large": [413, "The body is too large"],
  "media-type": [415, "The body is of another media type"],
  "idempotency-key-reused": [422, "The Idempotency-Key belongs to another request"],
  "version-required": [428, "The request must name the version that it changes"],
  "too-many-changes": [429, "The tenant has made too many changes"],
  "key-damaged": [500, "The record of the key is damaged"],
  "record-damaged": [500, "The record is damaged"],
  failed: [500, "The request failed"],
  unavailable: [503, "The request could not be answered"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One mistake of a request. Nothing of it repeats what may be a secret. */
export interface RequestMistake {
  readonly in: "body" | "query" | "header";
  /** A JSON pointer into the body (RFC 6901), or the name of a parameter or a header. */
  readonly field: string;
  readonly found: string;
  readonly allowed: string;
}

/** Further members of a problem. */
export interface ProblemMembers {
  readonly errors?: readonly RequestMistake[];
  /** The version that the key or the record has, who made it and when. */
  readonly current?: { readonly version: number; readonly by?: string; readonly at?: string };
}

/** Thrown where a request is refused, or cannot be answered. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly detail: string;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail for people. It is our own text: nothing that a caller wrote */
  constructor(
    code: ProblemCode,
    detail: string,
    { cause, headers = {}, ...members }: ProblemMembers & ProblemOptions = {},
  ) {
    super(code, { cause });
    this.code = code;
    this.detail = detail;
    this.members = members;
    this.headers = headers;
  }
}

interface ProblemOptions {
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Mistakes of one request: 400. */
export const invalid = (...errors: RequestMistake[]): ProblemError =>
  new ProblemError("invalid-request", "Nothing was changed. `errors` lists the mistakes.", { errors });
