/**
 * The two errors that leave the function. API Gateway looks at the message alone, and an AppSync client may read it.
 */

/** The caller is unknown: with exactly this message API Gateway answers 401. */
export class UnauthorizedError extends Error {
  override readonly name = "UnauthorizedError";
  constructor() {
    super("Unauthorized");
  }
}

/** No decision could be made: with any other message API Gateway answers 500, and caches nothing. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  constructor() {
    super("unavailable");
  }
}
