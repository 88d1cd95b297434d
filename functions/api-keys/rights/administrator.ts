import { createHash } from "node:crypto";
import { withoutKeys } from "../../../providers/api-key/management/key-in-text.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { type BackendCaller, readCaller } from "../../../shared/domain/caller/read-caller.ts";
import { ProblemError } from "../http/problem.ts";

/** Scopes of this API. */
export type AdminScope = "keys:read" | "keys:write" | "entitlements:read" | "entitlements:write";

/** The caller, as this API sees it. */
export interface Administrator {
  /** Issuer and subject: who a change was made by. */
  readonly by: string;
  /** What makes one caller of its requests, for idempotency: the same after a rotation of its key. */
  readonly identity: readonly string[];
  /** Absent: an operator, who manages every key. */
  readonly limits?: Limits;
}

/** What the administrator of a tenant manages, and has itself: it gives no key more. */
export interface Limits {
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Absent: any address. */
  readonly addresses?: readonly string[];
  /** Seconds since the epoch. Absent: the caller's key does not end. */
  readonly end?: number;
  /** Subject and owner of the caller's own key. */
  readonly subject?: string;
  readonly owner?: string;
}

/** Seconds after which a key ends at the latest that somebody issues who has no key: 365 days. */
export const LONGEST_OF_A_USER = 365 * 86_400;

/**
 * The caller of a request, and what it manages. A caller of no tenant is an operator. Of a caller with an API key, the
 * key's record tells what is not in the authorizer's context.
 *
 * @param anyOf the scopes of which the caller needs one
 * @param time seconds since the epoch
 * @throws {CallerMissingError} if the route has no authorizer
 * @throws {ProblemError} `not-permitted`
 */
export async function administratorOf(
  event: unknown,
  anyOf: readonly AdminScope[],
  table: Pick<KeyTable, "get">,
  time: number,
): Promise<Administrator> {
  const caller = readCaller(event);
  // The authorizer's rule asks for the scope too. A rule that is too wide opens nothing here.
  if (!anyOf.some((scope) => caller.scopes.includes(scope))) {
    throw new ProblemError("not-permitted", `This needs the scope ${anyOf.join(" or ")}.`);
  }
  const keyId = keyIdOf(caller);
  const by = actorOf(caller);
  const identity = [caller.issuer, caller.subject, caller.tenant ?? "", caller.clientTenant ?? "", keyId ?? ""];
  const tenant = caller.tenant ?? caller.clientTenant;
  if (tenant === undefined) return { by, identity };
  if (caller.clientTenant !== undefined && caller.clientTenant !== tenant) throw contradiction();
  const { scopes, roles, attributes } = caller;
  if (keyId === undefined) {
    return { by, identity, limits: { tenant, scopes, roles, attributes, end: time + LONGEST_OF_A_USER } };
  }
  const { record } = await table.get(keyId, new AbortController().signal);
  if (record?.status !== "active") throw contradiction();
  if (record.tenant !== undefined && record.tenant !== tenant) throw contradiction();
  const own = limitsOf(record, caller, time);
  return { by, identity, limits: { ...own, tenant } };
}

/** What a key has, as far as the caller has it. */
function limitsOf(record: KeyRecord, caller: BackendCaller, time: number): Omit<Limits, "tenant"> {
  const { id, addresses, owner, subject = id, attributes } = record;
  // A user beside the key has attributes too, which say nothing of keys.
  const isAlone = caller.issuer === `api-keys:${record.environment}`;
  const ends = [
    record.expiresAt,
    ...(isAlone ? [caller.expiresAt] : [graceOf(record, time), time + LONGEST_OF_A_USER]),
  ];
  const known = ends.flatMap((end) => end ?? []);
  return {
    scopes: caller.scopes.filter((scope) => record.scopes.includes(scope)),
    roles: caller.roles.filter((role) => record.roles.includes(role)),
    attributes,
    ...(isAlone && { subject }),
    ...(addresses && { addresses }),
    ...(owner !== undefined && { owner }),
    ...(known.length > 0 && { end: Math.min(...known) }),
  };
}

/**
 * Beside a user, nothing tells which of the two secrets the key was presented with. With the previous one, the caller
 * ends with its grace.
 */
const graceOf = ({ previousUntil = 0 }: KeyRecord, time: number) => (previousUntil > time ? previousUntil : undefined);

/** The id of the caller's API key: its own attribute, or that of the client that acts for a user. */
function keyIdOf({ providers, issuer, attributes }: BackendCaller): string | undefined {
  if (!providers.includes("api-key")) return undefined;
  const id = issuer.startsWith("api-keys:") ? attributes.keyId : attributes.client_keyId;
  if (id === undefined) throw contradiction();
  return id;
}

const contradiction = () => new ProblemError("not-permitted", "The credentials do not agree on who administers what.");

/** Longest text in a record. */
const MAX_NAME = 256;

/** Issuer and subject, shortened if a record has no room for them. The digest tells two of them apart. */
function actorOf({ issuer, subject }: BackendCaller): string {
  const whole = withoutKeys(`${issuer}|${subject}`.toWellFormed().replaceAll(/\p{Cc}/gu, "\ufffd"));
  if ([...whole].length <= MAX_NAME) return whole;
  const digest = createHash("sha256").update(whole).digest("base64url").slice(0, 22);
  return `${[...whole].slice(0, MAX_NAME - 23).join("")}#${digest}`;
}
