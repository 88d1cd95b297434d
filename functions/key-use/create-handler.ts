import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { readUses } from "./read-uses.ts";
import type { UseTable } from "./use-table.ts";

/** Keys that are written at the same time. */
const CONCURRENCY = 10;

/** Some uses could not be written. Lambda repeats the whole event, which does no harm. */
class UnwrittenUses extends Error {
  override readonly name = "UnwrittenUses";
  constructor(failed: number, all: number, cause: unknown) {
    super(`The last use of ${failed} of ${all} keys was not written.`, { cause });
  }
}

/**
 * Builds the Lambda handler of a subscription to the authorizers' log: it writes the last use of each API key. What
 * cannot be read is skipped and counted, since it would be no better the next time.
 */
export function createHandler(table: UseTable) {
  return middy()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async (event: unknown): Promise<void> => {
      const { uses, skipped } = readUses(event, Math.floor(Date.now() / 1000));
      if (skipped > 0) {
        logger.error("skipped", { skipped });
        metrics.addMetric("KeyUsesSkipped", "Count", skipped);
      }
      const errors: unknown[] = [];
      const waiting = uses.entries();
      const write = async () => {
        for (const [keyId, hours] of waiting) await table.record(keyId, hours).catch((error) => errors.push(error));
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, write));
      if (errors.length === 0) return;
      logger.error("unwritten", { unwritten: errors.length, cause: causeOf(errors[0]) });
      throw new UnwrittenUses(errors.length, uses.size, errors[0]);
    });
}
