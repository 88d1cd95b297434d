import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { createFlusher, type FlushTools } from "./flusher.ts";
import { afterOf } from "./message.ts";
import type { Stage } from "./stages.ts";
import type { Postpone } from "./visibility.ts";

/** What the handler needs. */
export interface HandlerTools extends Omit<FlushTools, "report"> {
  readonly stages: readonly Stage[];
  readonly postpone: Postpone;
}

/** Stages that are flushed at the same time. The control plane takes ten calls a second for an account. */
const CONCURRENCY = 4;

/** A stage could not be flushed. */
class StagesLeft extends Error {
  override readonly name = "StagesLeft";
}

/**
 * Builds the handler of the queue of flushes. The messages of a batch are one: a flush that is late enough for the last of
 * them is for all. If a stage fails, they come again, and only that stage is flushed again.
 */
export function createHandler({ stages, postpone, ...tools }: HandlerTools) {
  const flush = createFlusher({ ...tools, report });

  async function flushAll(after: number): Promise<boolean> {
    const done: boolean[] = [];
    const waiting = stages.values();
    const work = async () => {
      for (const stage of waiting) done.push(await flush(stage, after));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return done.every((each) => each);
  }

  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .handler(async (event: SQSEvent, context): Promise<SQSBatchResponse> => {
      const now = tools.now();
      const isDone = await flushAll(Math.max(...event.Records.map(({ body }) => readAfter(body, now))));
      return processPartialResponse(
        event,
        async (record: SQSRecord) => {
          if (isDone) return;
          await postpone(record).catch((error) => logger.warn("not postponed", { cause: causeOf(error) }));
          throw new StagesLeft();
        },
        new BatchProcessor(EventType.SQS),
        { context, throwOnFullBatchFailure: false },
      );
    });
}

/** A message that cannot be read asks for a flush now. */
function readAfter(body: string, now: number): number {
  const after = afterOf(body, now);
  if (after === undefined) logger.error("message unreadable");
  return after ?? now;
}

function report({ path }: Stage, error: unknown): void {
  if (error === undefined) {
    metrics.addMetric("CacheFlushes", MetricUnit.Count, 1);
    logger.info("flushed", { stage: path });
  } else {
    metrics.addMetric("CacheFlushesFailed", MetricUnit.Count, 1);
    logger.error("flush failed", { stage: path, cause: causeOf(error) });
  }
}
