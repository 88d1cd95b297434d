import { withoutUndefined } from "../object/without-undefined.ts";
import { isAttributeName } from "../principal/context-keys.ts";
import { type AttributeValue, isAttributeValue } from "../principal/principal.ts";
import type { Denial } from "../reasons/reasons.ts";
import type { Caller } from "./caller.ts";

/**
 * What a backend is told about the caller: flat strings, numbers and booleans, the only values API Gateway passes on.
 */
export type CallerContext = Record<string, AttributeValue>;

/**
 * The caller as an authorizer's context. Text is percent-encoded (RFC 3986 section 2.1) where it is not plain ASCII
 * or holds `%`, `"` or `\`, so that no claim can break out of a template or a log line into which the value is put;
 * lists are joined by spaces, with the spaces inside an item encoded too.
 */
export function contextOf(caller: Caller): CallerContext {
  return withoutUndefined({
    ...mapValues(caller.attributes),
    subject: encodeText(caller.subject),
    kind: caller.kind,
    issuer: encodeText(caller.issuer),
    tenant: encodeOptional(caller.tenant),
    clientId: encodeOptional(caller.client),
    clientTenant: encodeOptional(caller.clientTenant),
    scopes: encodeList(caller.scopes),
    roles: encodeList(caller.roles),
    providers: encodeList(caller.principals.map(({ provider }) => provider)),
    expiresAt: caller.expiresAt,
    dpopNonce: caller.principals.find(({ dpopNonce }) => dpopNonce !== undefined)?.dpopNonce,
  });
}

/** The parts of an authorizer's result that say who the caller is. @param reason why it is refused, if it is */
export function identificationOf(caller: Caller, reason?: Denial) {
  return {
    principalId: principalIdOf(caller),
    context: { ...contextOf(caller), ...(reason && { reason }) },
    ...(caller.usageIdentifierKey !== undefined && { usageIdentifierKey: caller.usageIdentifierKey }),
  };
}

/** Names a caller across issuers. For logs of API Gateway and for backends that want one string. */
export function principalIdOf(caller: Caller): string {
  return `${encodeText(caller.issuer)}|${encodeText(caller.subject)}`;
}

/**
 * Attributes as context. The configuration and key records are checked for their names; a provider of one's own is
 * not, so that what may not be in a context is left out here: names that are the authorizer's or API Gateway's own,
 * and values that API Gateway would fail on.
 */
function mapValues(attributes: Caller["attributes"]): CallerContext {
  const usable = Object.entries(attributes).filter(([name, value]) => isAttributeName(name) && isAttributeValue(value));
  return Object.fromEntries(
    usable.map(([name, value]) => [name, typeof value === "string" ? encodeText(value) : value]),
  );
}

/** Most texts are plain, which costs less to see than to replace nothing in them. */
const encodeText = (text: string) =>
  /[^\x20-\x7e]|[%"\\]/.test(text) ? text.toWellFormed().replace(/[^\x20-\x7e]+|[%"\\]/g, encodeURIComponent) : text;

const encodeOptional = (text: string | undefined) => (text === undefined ? undefined : encodeText(text));

const encodeList = (items: readonly string[]) => items.map((item) => encodeText(item).replaceAll(" ", "%20")).join(" ");
