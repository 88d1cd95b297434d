import type { ResourceArn } from "../resource/arn.ts";
import type { CacheKey } from "./cache-key.ts";
import type { Credential } from "./credential.ts";

/** One request as the domain sees it, whatever kind of event it came in. */
export interface AuthorizationRequest {
  readonly credentials: readonly Credential[];
  /** What is asked for: a route of an API, from the event's own ARN, or whatever fields of a GraphQL API a query names. */
  readonly resource: ResourceArn | GraphqlApi;
  readonly source: RequestSource;
  /** Whole seconds since the epoch. Every comparison of one request uses this instant. */
  readonly time: number;
  /** What API Gateway or AppSync may answer later requests by, with the decision on this one. Undefined: nothing is cached, and credentials may stand wherever they are looked for. */
  readonly cache: CacheKey | undefined;
  /** The answer will be a yes or no without conditions, which cannot leave an address or a time to API Gateway. */
  readonly simple?: true;
}

/** An AppSync API, by its id. Decisions about it are for fields, and the same for every query. */
export interface GraphqlApi {
  readonly graphqlApi: string;
}

/** Where the request came from, as far as API Gateway tells. A TOKEN event tells nothing. */
export interface RequestSource {
  /** IPv4 or IPv6 address of the caller, by API Gateway's word; never from a header. */
  readonly address?: string;
  /** The request came through an interface VPC endpoint: policies must use `aws:VpcSourceIp`. */
  readonly viaVpcEndpoint: boolean;
}
