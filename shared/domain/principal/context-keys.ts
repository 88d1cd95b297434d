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

/** Names that a key of a context may have: API Gateway allows letters, digits and underscore. */
export const CONTEXT_KEY = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Whether a name may be that of an attribute in a backend's context. */
export function isAttributeName(name: string): boolean {
  return CONTEXT_KEY.test(name) && !RESERVED_CONTEXT_KEYS.includes(name);
}
