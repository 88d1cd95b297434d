import type { AuthorizationRequest } from "../request/authorization-request.ts";
import { matchesPattern } from "../resource/pattern.ts";
import { isWithin } from "../time/interval.ts";
import type { Grant } from "./grant.ts";

/** What a caller may see of a GraphQL API. */
export interface FieldPermission {
  /** Fields that are kept from the caller, as `Type.field`. */
  readonly denied: readonly string[];
  /** Seconds since the epoch: when this may no longer be so. */
  readonly until: number;
}

/**
 * The fields of a GraphQL API that the grants leave open, out of all that the configuration lists; undefined if they
 * leave none. A response for AppSync has no conditions: a grant counts for what it is worth now, and until the next
 * of its windows opens or closes. Where the caller's address is not known, a grant limited to addresses does not
 * allow, and one that denies does.
 *
 * @param end seconds since the epoch: when the first credential ends
 */
export function permitFields(
  { time }: AuthorizationRequest,
  grants: readonly Grant[],
  all: readonly string[],
  end: number,
): FieldPermission | undefined {
  const relevant = grants.flatMap(({ fields, ...grant }) => (fields ? [{ ...grant, fields }] : []));
  const open = relevant.filter(({ intervals }) => !intervals || isWithin(intervals, time));
  const allowing = open.filter(
    ({ effect, addresses, vpcEndpoints }) => effect === "allow" && !addresses && !vpcEndpoints,
  );
  const denying = open.filter(({ effect }) => effect === "deny");
  const denied = all.filter((field) => !covers(allowing, field) || covers(denying, field));
  if (denied.length === all.length) return undefined;
  const changes = relevant
    .flatMap(({ intervals = [] }) => intervals.flatMap(({ start, end: close }) => [start, close]))
    .filter((instant) => instant > time);
  return { denied, until: Math.min(end, ...changes) };
}

const covers = (grants: readonly { readonly fields: readonly string[] }[], field: string) =>
  grants.some(({ fields }) => fields.some((pattern) => matchesPattern(pattern, field)));
