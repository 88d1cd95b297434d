/**
 * What API Gateway says of one request, beyond what a policy may depend on. A policy is served to other requests: these
 * facts are for decisions that nothing caches.
 */
export interface RequestFacts {
  readonly method?: string;
  /** As the event has it: percent-encoded on REST APIs, decoded on HTTP APIs. */
  readonly path?: string;
  /** The route that API Gateway matched: `/orders/{id}` of a REST API, `GET /orders/{id}` of an HTTP API. */
  readonly route?: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** The texts of `$context`, such as `apiId`, `stage`, `requestId`, `domainName` and `resourceId`. */
  readonly context: Readonly<Record<string, string>>;
}
