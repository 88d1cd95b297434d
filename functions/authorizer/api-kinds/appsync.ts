import { contextOf } from "../../../shared/domain/caller/context.ts";
import { objectOf } from "../../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { readToken } from "../../../shared/domain/request/find.ts";
import type { ApiKind, AuthorizerResponse } from "./kind.ts";

/** Bytes of a response that AppSync still caches ("Authorization and authentication", Lambda authorization). */
const MAX_LENGTH = 1_048_575;

/** AppSync's word for no: 401, and asked again next time. A thrown error's text would reach the client. */
const REFUSED = { isAuthorized: false, ttlOverride: 0 } as const;

/**
 * AppSync GraphQL APIs (AppSync developer guide, "Authorization and authentication", Lambda authorization). The token
 * alone is read: it is the key of AppSync's cache, and the event tells nothing of the caller's address that the
 * caller could not write.
 */
export const appSync: ApiKind = {
  name: "appsync",
  recognises: ({ type, authorizationToken, requestContext }) =>
    type === undefined &&
    typeof authorizationToken === "string" &&
    typeof objectOf(requestContext).queryString === "string",
  read: ({ authorizationToken, requestContext }, time, config) => {
    const { apiId } = objectOf(requestContext);
    if (typeof apiId !== "string") throw new TroubleError("event_not_supported");
    return {
      credentials: readToken(authorizationToken),
      resource: { graphqlApi: apiId },
      source: { viaVpcEndpoint: false },
      time,
      // AppSync caches for as long as each answer lets it, whatever the function says of API Gateway.
      cache: { headers: [], ttl: config.appSync?.maxCacheAge ?? 0 },
    };
  },
  respond: (decision, _request, config): AuthorizerResponse => {
    if (decision.outcome !== "allow" || !decision.fields) return REFUSED;
    const { denied, until } = decision.fields;
    const response = {
      isAuthorized: true,
      resolverContext: contextOf(decision.caller),
      deniedFields: [...denied],
      // AppSync counts from the answer on, which may be seconds after the decision began.
      ttlOverride: Math.max(0, Math.min(Math.floor(until - Date.now() / 1000), config.appSync?.maxCacheAge ?? 0)),
    };
    if (Buffer.byteLength(JSON.stringify(response)) > MAX_LENGTH) throw new TroubleError("policy_too_large");
    return response;
  },
};
