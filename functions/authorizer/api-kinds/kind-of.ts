import { objectOf } from "../../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { appSync } from "./appsync.ts";
import { http1, http2 } from "./http.ts";
import type { ApiKind } from "./kind.ts";
import { restRequest, restToken } from "./rest.ts";
import { webSocket } from "./websocket.ts";

/** A WebSocket API's event is a REST API's with more in it: it is looked for first. */
const KINDS: readonly ApiKind[] = [webSocket, restRequest, restToken, http2, http1, appSync];

/**
 * The kind of API that an event comes from.
 *
 * @throws {TroubleError} `event_not_supported`
 */
export function kindOf(event: unknown): ApiKind {
  const kind = KINDS.find(({ recognises }) => recognises(objectOf(event)));
  if (!kind) throw new TroubleError("event_not_supported");
  return kind;
}
