import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { logger, metrics, recordAllowed } from "./empty.ts";
import { verify } from "./jose.ts";

/** `jose.jwtVerify` within the empty handler: the least that an authorizer with this log line and metric can do. */
export const handler = middy<APIGatewayRequestAuthorizerEvent, object>()
  .use(injectLambdaContext(logger, { logEvent: false }))
  .use(logMetrics(metrics, { captureColdStartMetric: true }))
  .handler(async (event: APIGatewayRequestAuthorizerEvent) => {
    await verify(event.headers?.Authorization?.slice("Bearer ".length) ?? "");
    recordAllowed(event);
    return {};
  });
