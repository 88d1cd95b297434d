/** What the token endpoint makes of an exchange (RFC 8693), as docs/federation.md and docs/policy.md have it. */

/** Who is proved by a credential. */
export interface Party {
  readonly source: string;
  readonly subject: string;
  readonly kind: "user" | "client" | "unknown";
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  readonly addresses: readonly string[] | undefined;
  readonly expiresAt: number | undefined;
}

export interface Client {
  readonly id: string;
  readonly scopes: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  readonly mayExchange: boolean;
}

export interface Asked {
  readonly client: Client;
  readonly subject: Party;
  readonly actor: Party | undefined;
  readonly scope: readonly string[] | undefined;
  readonly resource: string | undefined;
}

export interface Server {
  readonly issuer: string;
  readonly resources: readonly string[];
  readonly tokenLifetime: number;
  readonly now: number;
  /** Where the request comes from. */
  readonly address: string;
  /** The names of the sources whose credentials may be exchanged. */
  readonly sources: readonly string[];
}

export interface Granted {
  readonly sub: string;
  readonly aud: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  readonly kind: string;
  readonly act: string | undefined;
  readonly exp: number;
}

/** The errors that may be told, and what is granted if nothing else is wrong. */
export type Outcome = { readonly errors: readonly string[] } | { readonly granted: Granted };

/** What one party has within what another one states: what is not stated does not limit. */
const within = (own: readonly string[], stated: readonly string[]) =>
  stated.length === 0 ? own : own.filter((item) => stated.includes(item));

export function outcomeOf({ client, subject, actor, scope, resource }: Asked, server: Server): Outcome {
  const { resources, tokenLifetime, now, sources } = server;
  const parties = actor ? [subject, actor] : [subject];
  const tenants = new Set(parties.flatMap(({ tenant }) => tenant ?? []));
  const target = resource ?? resources.find((each) => client.resources?.includes(each) ?? true) ?? "";
  const mayHave = within(subject.scopes, actor?.scopes ?? []);
  const most = client.scopes === undefined ? mayHave : mayHave.filter((each) => client.scopes?.includes(each));
  const scopes = scope ? most.filter((each) => scope.includes(each)) : most;
  const roles = within(subject.roles, actor?.roles ?? []);
  const isOver = parties.some(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now);
  const errors = [
    ...(client.mayExchange ? [] : ["unauthorized_client"]),
    ...(isOver || tenants.size > 1 ? ["invalid_grant"] : []),
    ...(parties.every(({ source }) => sources.includes(source)) ? [] : ["invalid_grant"]),
    ...(actor && (actor.kind !== "client" || subject.kind === "client") ? ["invalid_grant"] : []),
    ...(resources.includes(target) && (client.resources?.includes(target) ?? true) ? [] : ["invalid_target"]),
    ...(client.scopes && scope?.some((each) => !client.scopes?.includes(each)) ? ["invalid_scope"] : []),
    // An empty list would no longer limit.
    ...(subject.scopes.length > 0 && scopes.length === 0 ? ["invalid_scope"] : []),
    ...(subject.roles.length > 0 && roles.length === 0 ? ["invalid_grant"] : []),
    ...(mayBeAt(server.address, parties) ? [] : ["invalid_grant"]),
  ];
  if (errors.length > 0) return { errors };
  const ends = parties.flatMap(({ expiresAt }) => expiresAt ?? []);
  return {
    granted: {
      ...{ sub: `${subject.source}:${subject.subject}`, aud: target, kind: subject.kind, tenant: subject.tenant },
      ...{ scopes, roles },
      act: actor && `${actor.source}:${actor.subject}`,
      exp: Math.min(now + tokenLifetime, ...ends),
    },
  };
}

/** Whether all parties may be at an address. */
export const mayBeAt = (address: string, parties: readonly Party[]): boolean =>
  parties.every(({ addresses }) => addresses === undefined || addresses.some((range) => isInRange(address, range)));

/** For the IPv4 ranges of the test, whose prefixes have whole octets. */
export function isInRange(address: string, range: string): boolean {
  const [base = "", bits = "32"] = range.split("/");
  const octets = Number(bits) / 8;
  return address.split(".").slice(0, octets).join(".") === base.split(".").slice(0, octets).join(".");
}
