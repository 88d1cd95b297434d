import { setTimeout } from "node:timers/promises";
import { eventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { createHandler } from "./create-handler.ts";
import { flushQueue } from "./flush-queue.ts";
import { rememberedFor } from "./remembered.ts";

const { SALLYPORT_EVENT_BUS: bus, SALLYPORT_FLUSH_QUEUE: queue, SALLYPORT_ENTITLEMENTS_MAX_AGE: maxAge } = process.env;
if (!bus) throw new Error("SALLYPORT_EVENT_BUS names no bus.");

export const handler = createHandler({
  bus: eventBus(bus),
  queue: queue ? flushQueue(queue) : undefined,
  remembered: rememberedFor(maxAge),
  now: () => Date.now(),
  pause: (milliseconds) => setTimeout(milliseconds),
});
