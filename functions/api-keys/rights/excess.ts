import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { coversRange } from "../../../shared/domain/address/address-range.ts";
import { ProblemError } from "../http/problem.ts";
import type { Administrator, Limits } from "./administrator.ts";

/** What a key proves: the part of a record that gives rights. */
export type Rights = Pick<KeyRecord, "id" | "tenant" | "scopes" | "roles" | "attributes"> & {
  readonly [Name in "subject" | "addresses" | "expiresAt"]?: KeyRecord[Name] | undefined;
};

/**
 * Refuses a key that has more than its administrator. This is asked of the key as it is after the change, whatever the
 * change is: whoever gets its secret, or keeps it alive, has all of it.
 *
 * @throws {ProblemError} `not-permitted` with the names of the fields
 */
export function demandNoMore(rights: Rights, { limits }: Administrator): void {
  const fields = limits ? excessOf(rights, limits) : [];
  if (fields.length === 0) return;
  throw new ProblemError("not-permitted", `The key would have more than you have: ${fields.join(", ")}.`);
}

function excessOf(rights: Rights, limits: Limits): string[] {
  const { id, tenant, subject = id, scopes, roles, attributes, addresses, expiresAt } = rights;
  const { end = Number.POSITIVE_INFINITY } = limits;
  const excess = {
    tenant: tenant !== limits.tenant,
    subject: subject !== id && subject !== limits.subject,
    scopes: !scopes.every((scope) => limits.scopes.includes(scope)),
    roles: !roles.every((role) => limits.roles.includes(role)),
    addresses: !areWithin(addresses, limits.addresses),
    // A route may be filled with an attribute, and a backend may decide by it.
    attributes: !Object.entries(attributes).every(
      ([name, value]) => Object.hasOwn(limits.attributes, name) && String(limits.attributes[name]) === String(value),
    ),
    expiresAt: (expiresAt ?? Number.POSITIVE_INFINITY) > end,
  };
  return Object.entries(excess).flatMap(([field, isMore]) => (isMore ? [field] : []));
}

/** Each range within one of the outer ones. Absent: any address. */
function areWithin(ranges: readonly string[] | undefined, outer: readonly string[] | undefined): boolean {
  if (!outer) return true;
  return ranges?.every((range) => outer.some((each) => coversRange(each, range))) ?? false;
}

/**
 * Refuses to end, or to cover up, a suspension that somebody else ordered: a partner whose key was suspended has others.
 * The record names who changed it last, so that no other change may come in between.
 *
 * @throws {ProblemError} `not-permitted`
 */
export function demandOwnSuspension({ status, changedBy }: KeyRecord, { by, limits }: Administrator): void {
  if (!limits || status !== "disabled" || changedBy === by) return;
  throw new ProblemError("not-permitted", "Somebody else suspended the key: they or an operator may go on with it.");
}

/** Fields that operators alone set. They give no right by themselves, but others act on them. */
const OF_OPERATORS = ["metadata", "usageIdentifierKey"] as const;

/**
 * Refuses fields that a tenant's administrator may not set.
 *
 * @param owner the key's owner before the change
 * @throws {ProblemError} `not-permitted`
 */
export function demandOwnFields(
  given: { readonly [Name in (typeof OF_OPERATORS)[number] | "owner"]?: unknown },
  { limits }: Administrator,
  owner?: string,
): void {
  if (!limits) return;
  const fields: string[] = OF_OPERATORS.filter((name) => given[name] !== undefined);
  // A key that is taken from its owner would not end with that owner's keys.
  if (given.owner !== undefined && given.owner !== (owner ?? limits.owner)) fields.push("owner");
  if (fields.length > 0) throw new ProblemError("not-permitted", `Operators alone set this: ${fields.join(", ")}.`);
}
