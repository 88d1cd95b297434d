import type { Credential } from "./credentials/credential.ts";
import type { ResourceArn } from "./policy/resource-arn.ts";

/** One request as the domain sees it, whatever kind of event it came in. */
export interface AuthorizationRequest {
  readonly credentials: readonly Credential[];
  /** The API, stage, method and path that the request is for, from the event's own ARN. */
  readonly resource: ResourceArn;
  readonly source: RequestSource;
  /** Whole seconds since the epoch. Every comparison of one request uses this instant. */
  readonly time: number;
}

/** Where the request came from, as far as API Gateway tells. A TOKEN event tells nothing. */
export interface RequestSource {
  /** IPv4 or IPv6 address of the caller, by API Gateway's word; never from a header. */
  readonly address?: string;
  /** The request came through an interface VPC endpoint: policies must use `aws:VpcSourceIp`. */
  readonly viaVpcEndpoint: boolean;
}
