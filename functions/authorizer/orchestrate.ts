import type { APIGatewayAuthorizerResult } from "aws-lambda";
import type { Provider } from "../../providers/provider.ts";
import { createAuthorize, type Trace, troubleOf } from "../../shared/authorize.ts";
import type { Config } from "../../shared/config/schema.ts";
import { requestFromEvent } from "./request.ts";
import { restResponse } from "./rest-response.ts";

/** What became of one event: the answer for API Gateway, or none if the caller is unknown or there was trouble. */
export interface Result {
  readonly trace: Trace;
  readonly response?: APIGatewayAuthorizerResult;
}

export type Orchestrate = (event: unknown, signal: AbortSignal) => Promise<Result>;

/**
 * Runs the way of a request from event to response.
 *
 * @param record called once for each event, on every way out: the only place from which an outcome is logged
 */
export function createOrchestrate(
  config: Config,
  providers: readonly Provider[],
  record: (trace: Trace, event: unknown) => void,
): Orchestrate {
  const authorize = createAuthorize(config, providers);
  const run = async (event: unknown, signal: AbortSignal): Promise<Result> => {
    let trace: Trace | undefined;
    try {
      const request = requestFromEvent(event, Math.floor(Date.now() / 1000), config.credentials);
      trace = await authorize(request, signal);
      const { decision } = trace;
      const known = decision.outcome === "allow" || decision.outcome === "deny";
      return known ? { trace, response: restResponse(decision) } : { trace };
    } catch (error) {
      return { trace: { findings: [], ...trace, decision: troubleOf(error) } };
    }
  };
  return async (event, signal) => {
    const result = await run(event, signal);
    record(result.trace, event);
    return result;
  };
}
