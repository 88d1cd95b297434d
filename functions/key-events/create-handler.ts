import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { type BatchResult, handleBatch, type Outlets } from "./handle-batch.ts";

/**
 * Builds the handler of the stream of the table of keys. It answers with the records that failed; Lambda repeats the
 * first of them and all after it, so that nothing is passed over. Their events have the same ids again.
 */
export function createHandler(outlets: Outlets) {
  return (
    middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
      // A record has hashes of keys.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use(logMetrics(metrics, { captureColdStartMetric: true }))
      .handler(async (event: DynamoDBStreamEvent, context): Promise<DynamoDBBatchResponse> => {
        const result = await handleBatch(event.Records, outlets);
        report(result);
        const { failed } = result;
        // The answer names records by their place. One without a place would count as handled.
        for (const [{ dynamodb }, error] of failed) if (!dynamodb?.SequenceNumber) throw error;
        return processPartialResponse(
          event,
          async (record: DynamoDBRecord) => {
            const error = failed.get(record);
            if (error) throw error;
          },
          new BatchProcessor(EventType.DynamoDBStreams),
          { context, throwOnFullBatchFailure: false },
        );
      })
  );
}

function report({ failed, put, isFlushRequested }: BatchResult): void {
  for (const [{ dynamodb }, error] of failed) {
    logger.error("record failed", { sequenceNumber: dynamodb?.SequenceNumber, cause: causeOf(error) });
  }
  if (put.length > 0) logger.info("events", { events: countsOf(put), flush: isFlushRequested });
  metrics.addMetric("KeyEvents", MetricUnit.Count, put.length);
  metrics.addMetric("KeyEventsFailed", MetricUnit.Count, failed.size);
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
