import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import type { EventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";

/**
 * Tells of events on a bus. There is no change of a table behind them, so what the bus does not take is in the log alone,
 * and counted. A login does not fail for it.
 */
export function teller(name: string | undefined): (event: SallyportEvent) => Promise<void> {
  let bus: Promise<EventBus> | undefined;
  return async (event) => {
    logger.info("event", { event: event.name, detail: event.detail });
    if (name === undefined) return;
    try {
      bus ??= import("../../shared/infrastructure/event-bus/event-bus.ts").then(({ eventBus }) => eventBus(name));
      const [error] = await (await bus).put([event]);
      if (error) throw error;
    } catch (error) {
      metrics.addMetric("LoginEventsFailed", MetricUnit.Count, 1);
      logger.error("event not put", { event: event.name, cause: causeOf(error) });
    }
  };
}
