import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { redacted } from "../../providers/api-key/management/key-in-text.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { CommandRefused } from "./command-refused.ts";
import { readMessage } from "./message.ts";
import type { Queues } from "./queue.ts";
import { type CommandTools, runCommand } from "./run-command.ts";

/** Attempts of a message. The queue has the same number, for a function that does not come to its end. */
export const MAX_ATTEMPTS = 30;

/** Milliseconds before the function's timeout at which a command for many keys stops, to go on in another message. */
const EARLY_STOP = 25_000;

/** Builds the handler of a queue of commands. Each message succeeds or fails alone. */
export function createHandler(tools: CommandTools, queues: Queues) {
  async function handle(record: SQSRecord, isLate: () => boolean): Promise<void> {
    const { body } = record;
    try {
      const message = readMessage(body);
      const { revoked, next } = await runCommand(message, tools, isLate);
      for (const { where, delay } of next) await queues.goOn(body, where, delay);
      const { command, by, id } = message;
      logger.info("command", { command: command.name, by, event: id, revoked: revoked.length, left: next.length });
    } catch (error) {
      if (error instanceof CommandRefused) return refuse(body, error);
      const cause = causeOf(error);
      logger.error("command failed", { ...(cause && { cause }), attempt: attemptOf(record) });
      if (attemptOf(record) < MAX_ATTEMPTS) throw error;
      // As it came, with a whole key if it has one: it can be sent to the queue again.
      await queues.bury(body, "trouble", cause ? [cause] : []);
    }
  }

  async function refuse(body: string, { reason, mistakes }: CommandRefused): Promise<void> {
    await queues.bury(redacted(body), reason, mistakes);
    logger.warn("command refused", { reason, mistakes });
  }

  return (
    middy<SQSEvent, SQSBatchResponse>()
      // A message can hold a key.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .handler((event: SQSEvent, context): Promise<SQSBatchResponse> => {
        const isLate = () => context.getRemainingTimeInMillis() < EARLY_STOP;
        return processPartialResponse(
          event,
          (record: SQSRecord) => handle(record, isLate),
          new BatchProcessor(EventType.SQS),
          { context, throwOnFullBatchFailure: false },
        );
      })
  );
}

const attemptOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount);
