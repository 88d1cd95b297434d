import { setTimeout } from "node:timers/promises";
import { apiGateway } from "./control-plane.ts";
import { createHandler } from "./create-handler.ts";
import { flushTimes } from "./flush-times.ts";
import { readStages } from "./stages.ts";
import { postponeIn } from "./visibility.ts";

const { SALLYPORT_FLUSH_STAGES = "", SALLYPORT_FLUSH_QUEUE: queue, SALLYPORT_ACTIVITY_TABLE: table } = process.env;
if (!queue || !table) throw new Error("SALLYPORT_FLUSH_QUEUE and SALLYPORT_ACTIVITY_TABLE name a queue and a table.");

export const handler = createHandler({
  stages: readStages(SALLYPORT_FLUSH_STAGES),
  controlPlane: apiGateway(),
  times: flushTimes(table),
  postpone: postponeIn(queue),
  now: () => Date.now(),
  pause: (milliseconds) => setTimeout(milliseconds),
});
