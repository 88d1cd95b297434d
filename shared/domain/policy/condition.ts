import { withoutUndefined } from "../object/without-undefined.ts";
import type { RequestSource } from "../request/authorization-request.ts";
import { type Condition, instant } from "./document.ts";

/** When and from where a statement holds; all of it must be so. */
export interface Limits {
  /** Seconds since the epoch: the first instant. */
  readonly start?: number;
  /** Seconds since the epoch: the first instant that is too late. */
  readonly end?: number;
  /** CIDRs of which the caller's address must be in one. */
  readonly addresses?: readonly string[];
  /** CIDRs in none of which it may be. */
  readonly outside?: readonly string[];
  /** VPC endpoints of which the request must come through one. */
  readonly endpoints?: readonly string[];
  /** VPC endpoints through none of which it may come. A request through none of all does not. */
  readonly otherThan?: readonly string[];
}

/** Keys under which a policy finds the caller's address: the second behind a VPC endpoint. */
export type AddressKey = "aws:SourceIp" | "aws:VpcSourceIp";

/** The key under which the caller of a request has its address, and the other one. */
export const addressKeysOf = ({ viaVpcEndpoint }: RequestSource): [AddressKey, AddressKey] =>
  viaVpcEndpoint ? ["aws:VpcSourceIp", "aws:SourceIp"] : ["aws:SourceIp", "aws:VpcSourceIp"];

/** Limits as the condition of a statement; undefined if there are none. */
export function conditionOf(
  { start, end, addresses, outside, endpoints, otherThan }: Limits,
  addressKey: AddressKey,
): Condition | undefined {
  const condition = withoutUndefined({
    DateLessThan: end === undefined ? undefined : { "aws:CurrentTime": instant(end) },
    DateGreaterThanEquals: start === undefined ? undefined : { "aws:CurrentTime": instant(start) },
    IpAddress: addresses && { [addressKey]: addresses },
    NotIpAddress: outside && { [addressKey]: outside },
    StringEquals: endpoints && { "aws:SourceVpce": endpoints },
    // A negated operator holds where the key is missing, as for requests through no endpoint.
    StringNotEquals: otherThan && { "aws:SourceVpce": otherThan },
  });
  return Object.keys(condition).length > 0 ? condition : undefined;
}
