import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import type { ApiKind, AuthorizerResponse } from "./api-kinds/kind.ts";
import { kindOf } from "./api-kinds/kind-of.ts";
import { UnauthorizedError, UnavailableError } from "./api-kinds/refusal-error.ts";
import { type Authorizer, authorize, type Trace, troubleOf } from "./authorize.ts";

/** What became of one event: a response, or the error that API Gateway is answered with. */
export interface Answer {
  readonly trace: Trace;
  /** Absent if the event is of no kind that is served. */
  readonly kind?: ApiKind;
  readonly response: AuthorizerResponse | UnauthorizedError | UnavailableError;
}

/**
 * Answers one event: reads it as its kind of API has it, authorizes the request, and puts the decision in that kind's
 * form. Always resolves.
 *
 * @param authorizer with how API Gateway caches the answers
 */
export async function answerEvent(
  event: unknown,
  authorizer: Authorizer & { readonly cache: CacheSettings },
  signal: AbortSignal,
): Promise<Answer> {
  const { config, cache } = authorizer;
  let trace: Trace | undefined;
  let kind: ApiKind | undefined;
  try {
    kind = kindOf(event);
    const request = kind.read(objectOf(event), Math.floor(Date.now() / 1000), config, cache);
    trace = await authorize(request, authorizer, signal);
    const { decision } = trace;
    const response =
      decision.outcome === "unavailable" ? new UnavailableError() : kind.respond(decision, request, config);
    return { trace, kind, response };
  } catch (error) {
    if (trace && kind && error instanceof UnauthorizedError) return { trace, kind, response: error };
    const failed: Trace = { findings: [], ...trace, decision: troubleOf(error) };
    return { trace: failed, ...(kind && { kind }), response: new UnavailableError() };
  }
}
