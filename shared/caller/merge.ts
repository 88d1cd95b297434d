import { intersectRanges } from "../address/address-range.ts";
import type { MergeConfig } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import type { Denial } from "../reasons/reasons.ts";
import type { Caller } from "./caller.ts";

export type Merged = { readonly caller: Caller } | { readonly conflict: Denial };

/**
 * Makes one caller of the principals of a request, without adding power: a user with a client keeps the scopes both have, must
 * agree with it on the tenant, and ends with the first of them. Union of scopes, and two proofs of one person, are for the
 * configuration to ask for. Two clients, or two people, are no caller.
 */
export function mergePrincipals(principals: readonly Principal[], config: MergeConfig): Merged {
  const users = principals.filter(({ kind }) => kind === "user");
  const clients = principals.filter(({ kind }) => kind === "client");
  const [lead] = [...users, ...clients];
  const [client] = clients;
  if (!lead || clients.length > 1 || !isOnePerson(users, config)) return { conflict: "principals_conflict" };

  const tenants = new Set(principals.flatMap(({ tenant }) => tenant ?? []));
  if (tenants.size > 1) return { conflict: "tenant_mismatch" };

  const [tenant] = tenants;
  const expiresAt = earliest(principals);
  const addresses = commonAddresses(principals);
  const usageIdentifierKey = client?.usageIdentifierKey ?? lead.usageIdentifierKey;
  return {
    caller: {
      subject: lead.subject,
      kind: lead.kind,
      issuer: lead.issuer,
      ...(client && { client: client.subject }),
      ...(tenant !== undefined && { tenant }),
      scopes: mergeScopes(principals, config),
      roles: mergeRoles(users, client),
      ...(addresses && { addresses }),
      ...(expiresAt !== undefined && { expiresAt }),
      attributes: Object.assign({}, client?.attributes, ...users.toReversed().map(({ attributes }) => attributes)),
      ...(usageIdentifierKey !== undefined && { usageIdentifierKey }),
      principals,
    },
  };
}

function isOnePerson(users: readonly Principal[], { samePerson }: MergeConfig): boolean {
  if (users.length <= 1) return true;
  if (!samePerson) return false;
  const identities = users.map((user) =>
    "subject" in samePerson ? user.subject : user.attributes[samePerson.attribute],
  );
  return new Set(identities).size === 1 && typeof identities[0] === "string" && identities[0] !== "";
}

function mergeScopes(principals: readonly Principal[], { scopes }: MergeConfig): string[] {
  const sets = principals.map((principal) => new Set(principal.scopes));
  return [...sets.reduce((left, right) => (scopes === "union" ? left.union(right) : left.intersection(right)))];
}

/** A client's roles limit its user's and never add to them; a client without roles sets no limit. */
function mergeRoles(users: readonly Principal[], client: Principal | undefined): string[] {
  const ofUsers = users.map(({ roles }) => new Set(roles)).filter(({ size }) => size > 0);
  const limit = new Set(client?.roles);
  if (users.length === 0) return [...limit];
  const roles = ofUsers.length > 0 ? ofUsers.reduce((left, right) => left.intersection(right)) : new Set<string>();
  return [...(limit.size > 0 ? roles.intersection(limit) : roles)];
}

function commonAddresses(principals: readonly Principal[]): string[] | undefined {
  const lists = principals.flatMap(({ addresses }) => (addresses ? [[...addresses]] : []));
  return lists.length > 0 ? lists.reduce((left, right) => intersectRanges(left, right)) : undefined;
}

function earliest(principals: readonly Principal[]): number | undefined {
  const ends = principals.flatMap(({ expiresAt }) => expiresAt ?? []);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
