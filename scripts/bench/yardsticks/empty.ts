import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { APIGatewayRequestAuthorizerEvent } from "aws-lambda";

export const logger = new Logger({ serviceName: "sallyport" });
export const metrics = new Metrics({ namespace: "Sallyport", serviceName: "sallyport" });

/** Middy with the Powertools logger and metrics. It logs and counts like an allowed request, without a decision. */
export const handler = middy<APIGatewayRequestAuthorizerEvent, object>()
  .use(injectLambdaContext(logger, { logEvent: false }))
  .use(logMetrics(metrics, { captureColdStartMetric: true }))
  .handler(async (event: APIGatewayRequestAuthorizerEvent) => {
    recordAllowed(event);
    return {};
  });

/** Logs and counts as the authorizer does for an allowed request with a JWT. */
export function recordAllowed({ requestContext }: APIGatewayRequestAuthorizerEvent): void {
  const { requestId, apiId, stage, httpMethod, resourcePath } = requestContext;
  logger.info("allow", {
    outcome: "allow",
    api: "rest-request",
    ...{ requestId, apiId, stage, httpMethod, resourcePath },
    credentials: [
      {
        ...{ scheme: "bearer", in: "header", name: "authorization", length: 700, provider: "jwt" },
        ...{ verdict: "authenticated", kind: "user", kindFrom: "subject_is_not_client" },
      },
    ],
    rules: ["whoami", "read-orders", "live-updates", "own-profile", "reports"],
  });
  metrics.addDimensions({ outcome: "allow" });
  metrics.addDimensions({ providers: "jwt" });
  metrics.addMetric("Decisions", MetricUnit.Count, 1);
}
