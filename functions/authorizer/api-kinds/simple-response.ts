import { contextOf } from "../../../shared/domain/caller/context.ts";
import type { Allowed, Denied, Unauthenticated } from "../../../shared/domain/decision.ts";
import { MAX_RESULT_LENGTH } from "../../../shared/domain/policy/document.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { AuthorizerResponse } from "./kind.ts";
import { UnauthorizedError } from "./refusal-error.ts";

/**
 * A decision in the simple form of HTTP APIs. It can carry no condition: it is for this route, this address and this
 * instant. `decide` allows nothing that a cache would serve to others.
 *
 * @throws {UnauthorizedError} for a caller who is not known
 * @throws {TroubleError} `policy_too_large` where the result would exceed 8 KB
 */
export function simpleResponse(decision: Allowed | Denied | Unauthenticated): AuthorizerResponse {
  if (decision.outcome === "unauthenticated") throw new UnauthorizedError();
  const response = {
    isAuthorized: decision.outcome === "allow",
    context: {
      ...(decision.caller && contextOf(decision.caller)),
      ...(decision.outcome === "deny" && { reason: decision.reason }),
    },
  };
  if (Buffer.byteLength(JSON.stringify(response)) > MAX_RESULT_LENGTH) throw new TroubleError("policy_too_large");
  return response;
}
