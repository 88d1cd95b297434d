import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { answerRequest, OPERATIONS } from "./answer-request.ts";
import { type Answer, problemAnswer, responseOf } from "./http/answer.ts";
import { readRequest } from "./http/api-request.ts";
import { ProblemError } from "./http/problem.ts";
import type { Services } from "./operations/call.ts";

/** Milliseconds before the function's timeout at which it answers `unavailable`, so that the log says why. */
const EARLY_STOP = 1000;

const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? "sallyport" });

/** Builds the Lambda handler: every outcome is an answer and one line in the log. */
export function createHandler(services: Services) {
  return (
    middy({ timeoutEarlyInMillis: EARLY_STOP, timeoutEarlyResponse: () => Promise.reject(new Error("timeout")) })
      // A body may hold a secret. `false` goes before the variable POWERTOOLS_LOGGER_LOG_EVENT, which would log it.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use({
        onError: (request) => {
          request.response = refused(request.event, request.error);
        },
      })
      .handler(async (event: unknown) => {
        const answer = await answerRequest(event, services);
        log(event, answer);
        return responseOf(answer);
      })
  );
}

function refused(event: unknown, error: unknown) {
  const problem =
    error instanceof ProblemError
      ? error
      : new ProblemError("unavailable", "The request was not answered in time, or failed.", { cause: error });
  const answer = problemAnswer(problem, readRequest(event).requestId);
  log(event, answer, problem);
  return responseOf(answer);
}

/** One line for each request, without anything that the caller wrote. */
function log(event: unknown, { status, log = {} }: Answer, problem?: ProblemError): void {
  const { requestId, route } = readRequest(event);
  const cause = problem?.cause === undefined ? undefined : causeOf(problem.cause);
  const entry = {
    ...(requestId !== undefined && { requestId }),
    ...(Object.hasOwn(OPERATIONS, route) && { routeKey: route }),
    status,
    ...log,
    ...(problem && { problem: problem.code }),
    ...(cause !== undefined && { cause }),
  };
  if (status >= 500) logger.error("request", entry);
  else logger.info("request", entry);
}
