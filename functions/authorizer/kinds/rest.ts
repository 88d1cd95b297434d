import { findCredentials, readToken } from "../../../shared/credentials/find.ts";
import { resourceFrom } from "../../../shared/policy/resource-arn.ts";
import { headersOf, objectOf, queryOf, sourceOf } from "./event-values.ts";
import type { ApiKind } from "./kind.ts";
import { policyResponse } from "./policy-response.ts";

/** TOKEN authorizers of REST APIs: one header's value and the ARN, and nothing else of the request (API Gateway developer guide, "Input to an API Gateway Lambda authorizer"). */
export const restToken: ApiKind = {
  name: "rest-token",
  recognises: ({ type }) => type === "TOKEN",
  read: ({ methodArn, authorizationToken }, time) => ({
    credentials: readToken(authorizationToken),
    resource: resourceFrom(methodArn),
    source: { viaVpcEndpoint: false },
    time,
  }),
  respond: policyResponse,
};

/** REQUEST authorizers of REST APIs (same page). */
export const restRequest: ApiKind = {
  name: "rest-request",
  recognises: ({ type, version }) => type === "REQUEST" && version === undefined,
  read: (event, time, { credentials }) => ({
    credentials: findCredentials(headersOf(event), queryOf(event), credentials),
    resource: resourceFrom(event.methodArn),
    source: sourceOf(objectOf(objectOf(event.requestContext).identity)),
    time,
  }),
  respond: policyResponse,
};
