import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { type RotationResult, type RotationTools, rotateKeys } from "./rotate-keys.ts";

/** Builds the handler of the schedule. `{ "rotate": true }`, sent by hand, does not wait for the period to end. */
export function createHandler(tools: RotationTools) {
  return middy()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async (event: unknown): Promise<RotationResult> => {
      const isForced = objectOf(event).rotate === true;
      try {
        const result = await rotateKeys(tools, Math.floor(Date.now() / 1000), isForced);
        if (result.dead !== undefined) {
          metrics.addMetric("SigningKeysFailed", MetricUnit.Count, 1);
          logger.error("signing key cannot sign", { ...result });
        } else logger.info("signing keys", { ...result });
        return result;
      } catch (error) {
        metrics.addMetric("SigningKeysFailed", MetricUnit.Count, 1);
        logger.error("signing keys failed", { cause: causeOf(error) });
        throw error;
      }
    });
}
