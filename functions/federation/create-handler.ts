import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { answerRequest, ENDPOINTS } from "./answer-request.ts";
import { type Answer, errorAnswer, responseOf } from "./http/answer.ts";
import { readRequest } from "./http/http-request.ts";
import { OAuthError } from "./http/oauth-error.ts";
import type { Services } from "./services.ts";

/** Milliseconds before the function's timeout at which it answers, so that the log says why. */
const EARLY_STOP = 1000;

/** Builds the Lambda handler: every outcome is an answer and one line in the log. */
export function createHandler(services: Services) {
  return (
    middy({ timeoutEarlyInMillis: EARLY_STOP, timeoutEarlyResponse: () => Promise.reject(new Error("timeout")) })
      // A request has assertions, codes and keys.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use(logMetrics(metrics, { captureColdStartMetric: true }))
      .use({
        onError: (request) => {
          const cause = request.error;
          const error = new OAuthError("temporarily_unavailable", "The request cannot be answered now.", { cause });
          const answer = { ...errorAnswer(error), cause };
          log(request.event, answer);
          request.response = responseOf(answer);
        },
      })
      .handler(async (event: unknown) => {
        const answer = await answerRequest(event, services);
        log(event, answer);
        return responseOf(answer);
      })
  );
}

/** One line for each request, without anything that the caller wrote. */
function log(event: unknown, { status, log: members = {}, cause }: Answer): void {
  const { requestId, route } = readRequest(event);
  const entry = {
    ...(requestId !== undefined && { requestId }),
    ...(Object.hasOwn(ENDPOINTS, route) && { routeKey: route }),
    status,
    ...members,
    ...(cause !== undefined && { cause: causeOf(cause) }),
  };
  if (status >= 500 || cause !== undefined) logger.error("request", entry);
  else logger.info("request", entry);
  if (members.reason !== undefined) metrics.addMetric("LoginsRefused", MetricUnit.Count, 1);
}
