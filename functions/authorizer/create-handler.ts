import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import middy from "@middy/core";
import type { Entitlements } from "../../providers/entitlements/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { logger, metrics } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { answerEvent } from "./answer.ts";
import type { AuthorizerResponse } from "./api-kinds/kind.ts";
import { UnavailableError } from "./api-kinds/refusal-error.ts";
import type { CurrentAuthority } from "./authority.ts";
import { errorMiddleware } from "./error-middleware.ts";
import { recordOutcome } from "./outcome-log.ts";

/** Milliseconds before the function's timeout at which it answers `unavailable`, so that the log says why. */
const EARLY_STOP = 500;

/**
 * Builds the Lambda handler for a configuration and its providers: a Middy stack around `answerEvent`. It answers
 * with what the kind of API takes, or throws `Unauthorized` or `unavailable`, and nothing else.
 *
 * @param cache how API Gateway caches the answers: `readCacheSettings`
 * @param entitlements needed if the configuration has its section
 */
export function createHandler(
  config: Config,
  providers: readonly Provider[],
  cache: CacheSettings,
  entitlements?: Entitlements,
) {
  const authority = { config, providers, entitlements, cache };
  return createHandlerFor(() => authority);
}

/** Builds the same handler for a configuration that may change: each event is answered with that of its moment. */
export function createHandlerFor(currentAuthority: CurrentAuthority) {
  return (
    middy({ timeoutEarlyInMillis: EARLY_STOP, timeoutEarlyResponse: afterTheAnswer })
      // An event holds credentials. `false` goes before the variable POWERTOOLS_LOGGER_LOG_EVENT, which would log it
      // whole.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use(logMetrics(metrics, { captureColdStartMetric: true }))
      .use(errorMiddleware())
      .handler(async (event: unknown, _context, { signal }): Promise<AuthorizerResponse> => {
        const current = currentAuthority();
        const authority = current instanceof Promise ? await current : current;
        const answer = await answerEvent(event, authority, signal);
        recordOutcome(answer, event, authority.config.log);
        if (answer.response instanceof Error) throw answer.response;
        return answer.response;
      })
  );
}

/** `answerEvent` heeds the signal, and its outcome is logged first; this answers for it should something block it. */
function afterTheAnswer(): Promise<never> {
  return new Promise((_resolve, reject) => setImmediate(() => reject(new UnavailableError())));
}
