import { intersectRanges } from "../address/address-range.ts";
import type { MergeConfig } from "../config/schema.ts";
import { withoutUndefined } from "../object/without-undefined.ts";
import { type Principal, personsFirst } from "../principal/principal.ts";
import type { Denial } from "../reasons/reasons.ts";
import type { Caller } from "./caller.ts";

export type Merged = { readonly caller: Caller } | { readonly conflict: Denial };

/**
 * Makes one caller of the principals of a request. What a backend is told of it are the facts of one principal, the
 * first that is no client, or else the client: the others narrow its scopes and roles, and end it earlier. Which
 * routes are open is decided principal by principal (`policy/requirements.ts`). Two clients, two people, or two
 * tenants are no caller.
 */
export function mergePrincipals(principals: readonly Principal[], config: MergeConfig): Merged {
  const clients = principals.filter(({ kind }) => kind === "client");
  const persons = principals.filter(({ kind }) => kind !== "client");
  const [lead, ...others] = personsFirst(principals);
  const [client] = clients;
  if (!lead || clients.length > 1 || !isOnePerson(persons, config)) return { conflict: "principals_conflict" };

  const tenants = new Set(principals.flatMap(({ tenant }) => tenant ?? []));
  if (tenants.size > 1) return { conflict: "tenant_mismatch" };

  const expiresAt = earliest(principals);
  const addresses = commonAddresses(principals);
  const usageIdentifierKey = client?.usageIdentifierKey ?? lead.usageIdentifierKey;
  return {
    caller: withoutUndefined({
      subject: lead.subject,
      kind: lead.kind,
      issuer: lead.issuer,
      tenant: lead.tenant,
      client: client?.subject,
      clientTenant: client === lead ? undefined : client?.tenant,
      scopes:
        config.scopes === "union"
          ? [...new Set(principals.flatMap(({ scopes }) => scopes))]
          : narrowed(
              lead.scopes,
              others.map(({ scopes }) => scopes),
            ),
      roles: narrowed(
        lead.roles,
        others.map(({ roles }) => roles),
      ),
      addresses,
      expiresAt,
      attributes: attributesOf(lead, client),
      usageIdentifierKey,
      principals,
    }),
  };
}

function isOnePerson(persons: readonly Principal[], { samePerson }: MergeConfig): boolean {
  if (persons.length <= 1) return true;
  if (!samePerson) return false;
  const identities = persons.map((person) =>
    "subject" in samePerson ? person.subject : ownMember(person.attributes, samePerson.attribute),
  );
  return new Set(identities).size === 1 && typeof identities[0] === "string" && identities[0] !== "";
}

const ownMember = <Value>(members: Readonly<Record<string, Value>>, name: string) =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** A list as far as the others have it too. An empty one states nothing, and so does not limit. */
function narrowed(own: readonly string[], others: readonly (readonly string[])[]): string[] {
  return own.filter((item) => others.every((other) => other.length === 0 || other.includes(item)));
}

/**
 * The lead's attributes under their names, those of a client that acts for it under names that tell whose they are,
 * and that no other has then.
 */
function attributesOf(lead: Principal, client: Principal | undefined): Principal["attributes"] {
  if (!client || client === lead) return lead.attributes;
  const ofLead = Object.entries(lead.attributes).filter(([name]) => !name.startsWith("client_"));
  const ofClient = Object.entries(client.attributes).map(([name, value]) => [`client_${name}`, value]);
  return Object.fromEntries([...ofLead, ...ofClient]);
}

function commonAddresses(principals: readonly Principal[]): string[] | undefined {
  const lists = principals.flatMap(({ addresses }) => (addresses ? [[...addresses]] : []));
  return lists.length > 0 ? lists.reduce((left, right) => intersectRanges(left, right)) : undefined;
}

function earliest(principals: readonly Principal[]): number | undefined {
  const ends = principals.flatMap(({ expiresAt }) => expiresAt ?? []);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
