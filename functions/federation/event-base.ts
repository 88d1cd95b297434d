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
 * What every event has. The id is made of the login and of API Gateway's id of the request: one request causes an event of
 * a name once.
 */
export const eventBase = (name: EventName, { request, time, flowId }: Occasion) => ({
  id: `${flowId ?? "request"}:${request.requestId ?? randomUUID()}:${name}`,
  schemaVersion: 1 as const,
  time: instantOf(time),
  ...(flowId !== undefined && { flowId }),
});
