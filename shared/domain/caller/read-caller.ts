import { objectOf, type UnknownObject } from "../object/unknown-object.ts";
import { withoutUndefined } from "../object/without-undefined.ts";
import { RESERVED_CONTEXT_KEYS } from "../principal/context-keys.ts";

/** The caller as a backend sees it, whatever kind of API is in between. */
export interface BackendCaller {
  /** Unique within its issuer. */
  readonly subject: string;
  readonly issuer: string;
  /** A person, a program that acts for itself, or `unknown` where the credential does not say. */
  readonly kind: "user" | "client" | "unknown";
  readonly tenant?: string;
  /** Tenant of the client that acts for a person. */
  readonly clientTenant?: string;
  /** Subject of the client that acts, alone or for the user. */
  readonly clientId?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** Providers that proved the caller. */
  readonly providers: readonly string[];
  /** Seconds since the epoch: when the first of the credentials ends. Absent: none has an end of its own. */
  readonly expiresAt?: number;
  /** The nonce for the client's next DPoP proof: send it on in the header `DPoP-Nonce` of the response. */
  readonly dpopNonce?: string;
  /** What the configuration mapped, as text: some kinds of API make text of numbers and booleans. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The event brings no caller with it: its route has no authorizer, or another one. */
export class CallerMissingError extends Error {
  override readonly name = "CallerMissingError";
  constructor() {
    super("The event has no caller of Sallyport's: its route needs the authorizer.");
  }
}

/**
 * The caller of an event that a backend is invoked with: by a REST API, an HTTP API (payload 1.0 or 2.0), any route
 * of a WebSocket API, or an AppSync resolver (the whole context, or an event with its `identity`).
 *
 * @throws {CallerMissingError} if there is none: a backend that needs a caller does not go on without one
 */
export function readCaller(event: unknown): BackendCaller {
  const context = contextIn(event);
  const { subject, issuer, kind, tenant, clientTenant, clientId, scopes, roles, providers, expiresAt, dpopNonce } =
    context;
  if (typeof subject !== "string" || typeof issuer !== "string" || !isKind(kind)) throw new CallerMissingError();
  const end = Number(expiresAt ?? Number.NaN);
  return withoutUndefined({
    subject: decode(subject),
    issuer: decode(issuer),
    kind,
    tenant: decodeText(tenant),
    clientId: decodeText(clientId),
    clientTenant: decodeText(clientTenant),
    scopes: decodeList(scopes),
    roles: decodeList(roles),
    providers: decodeList(providers),
    expiresAt: Number.isSafeInteger(end) ? end : undefined,
    dpopNonce: decodeText(dpopNonce),
    attributes: Object.fromEntries(
      Object.entries(context)
        .filter(([name, value]) => !RESERVED_CONTEXT_KEYS.includes(name) && value !== null && value !== undefined)
        .map(([name, value]) => [name, decode(String(value))]),
    ),
  });
}

const isKind = (value: unknown): value is BackendCaller["kind"] =>
  value === "user" || value === "client" || value === "unknown";

/** Where each kind of API puts the authorizer's context. */
function contextIn(event: unknown): UnknownObject {
  const { requestContext, identity } = objectOf(event);
  const { authorizer } = objectOf(requestContext);
  const { lambda } = objectOf(authorizer);
  const { resolverContext } = objectOf(identity);
  return objectOf(lambda ?? authorizer ?? resolverContext);
}

const decodeText = (value: unknown) => (typeof value === "string" ? decode(value) : undefined);

const decodeList = (text: unknown): string[] =>
  typeof text === "string" && text !== "" ? text.split(" ").map(decode) : [];

/** The inverse of the context's percent-encoding. Text that it did not write is left as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
