import type { MiddlewareObj } from "@middy/core";
import { UnauthorizedError, UnavailableError } from "./api-kinds/refusal-error.ts";

/**
 * Lets `Unauthorized` and `unavailable` leave the function and nothing else: whatever failed, its text, stack and
 * causes stay inside. Middy's own http-error-handler would turn the error into a body, and API Gateway that body into
 * a 500.
 */
export function errorMiddleware(): MiddlewareObj {
  return {
    onError: (request) => {
      const error = request.error instanceof UnauthorizedError ? new UnauthorizedError() : new UnavailableError();
      // Lambda logs the error with its stack: our own frames tell nobody anything.
      error.stack = `${error.name}: ${error.message}`;
      request.error = error;
    },
  };
}
