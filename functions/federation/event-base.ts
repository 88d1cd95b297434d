import { randomUUID } from "node:crypto";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { EventName } from "../../shared/domain/events/events.ts";
import type { HttpRequest } from "./http/http-request.ts";

/** The request that an event is about. */
export interface Occasion {
  readonly request: Pick<HttpRequest, "requestId">;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The login, if one is known. */
  readonly flowId?: string;
}

/**
 * What every event has. The id names the login and the request, so that the log is found by it. A client can choose the
 * request's id, so what makes it unlike any other is made here: whoever drops known ids loses no event.
 */
export const eventBase = (name: EventName, { request, time, flowId }: Occasion) => ({
  id: [flowId ?? "request", request.requestId ?? "unnamed", randomUUID(), name].join(":"),
  schemaVersion: 1 as const,
  time: instantOf(time),
  ...(flowId !== undefined && { flowId }),
});
