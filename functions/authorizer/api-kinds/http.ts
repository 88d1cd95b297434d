import { objectOf } from "../../../shared/domain/object/unknown-object.ts";
import { findCredentials } from "../../../shared/domain/request/find.ts";
import { type ResourceArn, resourceFrom } from "../../../shared/domain/resource/arn.ts";
import { httpCacheKeyOf } from "./cache-key.ts";
import { credentialHeadersOf, queryOf, sourceOf } from "./event-values.ts";
import type { ApiKind } from "./kind.ts";
import { policyResponse } from "./policy-response.ts";
import { factsOf } from "./request-facts.ts";
import { readRequest, restRequest } from "./rest.ts";
import { certificateOf, dpopOf } from "./sender.ts";
import { simpleResponse } from "./simple-response.ts";

/**
 * HTTP APIs with payload format 1.0, which is a REST API's (API Gateway developer guide, "Control access to HTTP APIs
 * with Lambda authorizers").
 */
export const http1: ApiKind = {
  ...restRequest,
  name: "http-1.0",
  recognises: ({ type, version }) => type === "REQUEST" && version === "1.0",
  read: (event, time, config, cache) => {
    const request = readRequest(event, time, config);
    const { dpop } = request;
    const key = httpCacheKeyOf(event, request.resource, cache);
    return {
      ...request,
      ...(dpop && { dpop: { ...dpop, isDecoded: true } }),
      cache: key,
      facts: factsOf(event, key),
    };
  },
  // Nothing of the context reaches the response to a refusal.
  respond: policyResponse,
};

/**
 * HTTP APIs with payload format 2.0 (same page). Duplicates of a header are joined by commas: two credentials, or one
 * that is malformed.
 */
export const http2: ApiKind = {
  name: "http-2.0",
  recognises: ({ type, version }) => type === "REQUEST" && version === "2.0",
  read: (event, time, { credentials: config, httpApi }, cache) => {
    const resource = resourceFrom(event.routeArn);
    const credentials = findCredentials(credentialHeadersOf(event, config), queryOf(event), config);
    const { http: given, authentication } = objectOf(event.requestContext);
    const http = objectOf(given);
    const key = httpCacheKeyOf(event, resource, cache);
    return {
      credentials,
      resource,
      source: sourceOf(http),
      time,
      ...certificateOf(objectOf(authentication)),
      ...dpopOf(event, credentials, { method: http.method, path: http.path, isDecoded: true }),
      cache: key,
      facts: factsOf(event, key),
      ...(takesSimple(resource, httpApi.simpleResponses) && { simple: true }),
    };
  },
  respond: (decision, { simple }) => (simple ? simpleResponse(decision) : policyResponse(decision)),
};

/** Nothing in an event tells which form the authorizer is set up for: the configuration does. */
function takesSimple({ api }: ResourceArn, simple: boolean | readonly string[]): boolean {
  return typeof simple === "boolean" ? simple : simple.some((id) => api.endsWith(`:${id}`));
}
