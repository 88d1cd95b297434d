import type { ResourceArn } from "../resource/arn.ts";
import type { CacheKey } from "./cache-key.ts";
import type { Credential } from "./credential.ts";
import type { RequestFacts } from "./request-facts.ts";

/** One request, independent of the kind of event. */
export interface AuthorizationRequest {
  readonly credentials: readonly Credential[];
  /** The requested resource: a route, from the event's ARN, or an AppSync API. */
  readonly resource: ResourceArn | GraphqlApi;
  readonly source: RequestSource;
  /** Whole seconds since the epoch. All checks of one request use this time. */
  readonly time: number;
  /**
   * Key of the cache of API Gateway or AppSync for this decision. Undefined: nothing is cached, so a credential may
   * be in any place.
   */
  readonly cache: CacheKey | undefined;
  /**
   * The response is a simple response of an HTTP API. It has no policy, so API Gateway cannot check an address or a
   * time.
   */
  readonly simple?: true;
  /**
   * What the event says of this request alone: path parameters, stage variables, `$context`. Absent for TOKEN
   * authorizers and AppSync, whose events do not say it.
   *
   * @throws {TroubleError} `request_facts_cached` if the answer may be cached and served to other requests
   */
  readonly facts?: () => RequestFacts;
  /** The client's certificate of mutual TLS as PEM, from API Gateway and never from a header. Absent: there is none. */
  readonly clientCertificate?: string;
  /**
   * What a DPoP proof has to fit. Present if a credential has the scheme `DPoP` and the event says all of it: events of
   * TOKEN authorizers, of AppSync and of WebSocket APIs do not.
   */
  readonly dpop?: DpopRequest;
}

/** What a DPoP proof has to fit (RFC 9449 section 4.3). */
export interface DpopRequest {
  /** Every value of the header `DPoP`. Never logged. */
  readonly proofs: readonly string[];
  readonly method: string;
  /** The path of the URL that was called, with its stage or base path, from API Gateway. */
  readonly path: string;
  /** API Gateway has decoded the path: its spelling in the URL is not known. */
  readonly isDecoded?: true;
}

/** An AppSync API, by its ID. The decision covers all of its fields and does not depend on the query. */
export interface GraphqlApi {
  readonly graphqlApi: string;
}

/** Where the request came from, according to API Gateway. A TOKEN event does not say it. */
export interface RequestSource {
  /** IPv4 or IPv6 address of the caller, from API Gateway and never from a header. */
  readonly address?: string;
  /** The request came through an interface VPC endpoint: policies must use `aws:VpcSourceIp`. */
  readonly viaVpcEndpoint: boolean;
  /** The id of that endpoint. Absent if there is none, or if `address` is absent and nothing is known. */
  readonly vpcEndpoint?: string;
}
