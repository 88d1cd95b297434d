/** Context keys that the authorizer itself sets: an attribute may not take their place. */
export const RESERVED_CONTEXT_KEYS = [
  "attributes",
  "claims",
  "clientId",
  "clientTenant",
  "expiresAt",
  "integrationLatency",
  "issuer",
  "kind",
  "principalId",
  "providers",
  "reason",
  "roles",
  "scopes",
  "subject",
  "tenant",
];

/**
 * Names that a key of a context may have: API Gateway allows letters, digits and underscore. Those of an attribute have 64 characters at most, and
 * 7 more where it is a client's.
 */
export const CONTEXT_KEY = /^(?:client_)?[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Names that every object has: as names of one's own they are passed over, or change the object. */
export const isHiddenName = (name: string) => ["__proto__", "constructor", "prototype"].includes(name);

/** Whether a name may be that of an attribute in a backend's context. */
export function isAttributeName(name: string): boolean {
  return CONTEXT_KEY.test(name) && !RESERVED_CONTEXT_KEYS.includes(name) && !isHiddenName(name);
}
