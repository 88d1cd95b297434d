import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";

/**
 * Tells of events on a bus. There is no change of a table behind them, so what the bus does not take is in the log alone,
 * and counted. A login does not fail for it.
 */
export function teller(name: string | undefined): (event: SallyportEvent) => Promise<void> {
  const bus = openedOnce(async () => {
    const { eventBus } = await import("../../shared/infrastructure/event-bus/event-bus.ts");
    return eventBus(name ?? "");
  });
  return async (event) => {
    logger.info("event", { event: event.name, detail: event.detail });
    if (name === undefined) return;
    try {
      const [error] = await (await bus()).put([event]);
      if (error) throw error;
    } catch (error) {
      metrics.addMetric("LoginEventsFailed", MetricUnit.Count, 1);
      logger.error("event not put", { event: event.name, cause: causeOf(error) });
    }
  };
}
