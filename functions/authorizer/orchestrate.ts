import type { Provider } from "../../providers/provider.ts";
import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import type { ApiKind, AuthorizerResponse } from "./api-kinds/kind.ts";
import { kindOf } from "./api-kinds/kind-of.ts";
import { createAuthorize, type Trace, troubleOf } from "./authorize.ts";

/** What became of one event: the answer, or none if an unknown caller is refused by an error, or there was trouble. */
export interface Result {
  readonly trace: Trace;
  /** Absent if the event is of no kind that is served. */
  readonly kind?: ApiKind;
  readonly response?: AuthorizerResponse;
}

export type Orchestrate = (event: unknown, signal: AbortSignal) => Promise<Result>;

/**
 * Runs the way of a request from event to response.
 *
 * @param cache how API Gateway caches the answers
 * @param record called once for each event, on every way out: the only place from which an outcome is logged
 */
export function createOrchestrate(
  config: Config,
  providers: readonly Provider[],
  cache: CacheSettings,
  record: (result: Result, event: unknown) => void,
): Orchestrate {
  const authorize = createAuthorize(config, providers);
  const run = async (event: unknown, signal: AbortSignal): Promise<Result> => {
    let trace: Trace | undefined;
    let kind: ApiKind | undefined;
    try {
      kind = kindOf(event);
      const request = kind.read(objectOf(event), Math.floor(Date.now() / 1000), config, cache);
      trace = await authorize(request, signal);
      if (trace.decision.outcome === "unavailable") return { trace, kind };
      const response = kind.respond(trace.decision, request, config);
      return { trace, kind, ...(response && { response }) };
    } catch (error) {
      return { trace: { findings: [], ...trace, decision: troubleOf(error) }, ...(kind && { kind }) };
    }
  };
  return async (event, signal) => {
    const result = await run(event, signal);
    record(result, event);
    return result;
  };
}
