import type { Config } from "../../../shared/domain/config/schema.ts";
import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { findCredentials, readToken } from "../../../shared/domain/request/find.ts";
import { resourceFrom } from "../../../shared/domain/resource/arn.ts";
import { cacheKeyOf } from "./cache-key.ts";
import { credentialHeadersOf, queryOf, sourceOf } from "./event-values.ts";
import type { ApiKind } from "./kind.ts";
import { factsOf } from "./request-facts.ts";
import { restResponse } from "./rest-response.ts";
import { certificateOf, dpopOf } from "./sender.ts";

/**
 * TOKEN authorizers of REST APIs: one header's value and the ARN, and nothing else of the request (API Gateway
 * developer guide, "Input to an API Gateway Lambda authorizer").
 */
export const restToken: ApiKind = {
  name: "rest-token",
  recognises: ({ type }) => type === "TOKEN",
  read: (event, time, _config, cache) => ({
    credentials: readToken(event.authorizationToken),
    resource: resourceFrom(event.methodArn),
    source: { viaVpcEndpoint: false },
    time,
    cache: cacheKeyOf(event, cache),
  }),
  respond: restResponse,
};

/** REQUEST authorizers of REST APIs (same page). */
export const restRequest: ApiKind = {
  name: "rest-request",
  recognises: ({ type, version }) => type === "REQUEST" && version === undefined,
  read: (event, time, config, cache) => {
    const key = cacheKeyOf(event, cache);
    return { ...readRequest(event, time, config), cache: key, facts: factsOf(event, key) };
  },
  respond: restResponse,
};

/** Everything but the key of the cache, which HTTP APIs with payload format 1.0 tell differently. */
export function readRequest(event: UnknownObject, time: number, { credentials: config }: Config) {
  const credentials = findCredentials(credentialHeadersOf(event, config), queryOf(event), config);
  const context = objectOf(event.requestContext);
  const identity = objectOf(context.identity);
  return {
    credentials,
    resource: resourceFrom(event.methodArn),
    source: sourceOf(identity),
    time,
    ...certificateOf(identity),
    ...dpopOf(event, credentials, { method: context.httpMethod, path: context.path }),
  };
}
