import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger } from "../../shared/infrastructure/telemetry/telemetry.ts";
import type { Follower } from "./follow.ts";

/** Builds the handler of a queue of events about keys. Each message succeeds or fails alone. */
export function createHandler({ follow }: Follower) {
  async function handle({ body }: SQSRecord): Promise<void> {
    try {
      const { id } = objectOf(objectOf(objectOf(JSON.parse(body)).detail).key);
      if (typeof id === "string") await follow(id);
    } catch (error) {
      const cause = causeOf(error);
      logger.error("usage plan not followed", { ...(cause && { cause }) });
      throw error;
    }
  }

  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .handler(
      (event: SQSEvent, context): Promise<SQSBatchResponse> =>
        processPartialResponse(event, handle, new BatchProcessor(EventType.SQS), {
          context,
          throwOnFullBatchFailure: false,
        }),
    );
}
