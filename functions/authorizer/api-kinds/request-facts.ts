import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { CacheKey } from "../../../shared/domain/request/cache-key.ts";
import type { RequestFacts } from "../../../shared/domain/request/request-facts.ts";

/**
 * Where a provider of one's own finds what an event says of the request alone. Nothing is read before somebody asks.
 *
 * @param cache the key of the cache for this decision; undefined if nothing is cached
 */
export function factsOf(event: UnknownObject, cache: CacheKey | undefined): () => RequestFacts {
  return () => {
    if (cache) throw new TroubleError("request_facts_cached");
    const context = objectOf(event.requestContext);
    const http = objectOf(context.http);
    return {
      ...textsIn({
        method: event.httpMethod ?? http.method,
        path: event.path ?? event.rawPath,
        route: context.resourcePath ?? event.routeKey,
      }),
      pathParameters: textsIn(objectOf(event.pathParameters)),
      stageVariables: textsIn(objectOf(event.stageVariables)),
      context: textsIn({ ...context, ...(context.routeKey === undefined && { routeKey: event.routeKey }) }),
    };
  };
}

/** The texts of an object by their names. Its other members are left out. */
function textsIn(object: UnknownObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
