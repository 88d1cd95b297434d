/** Context keys that the authorizer sets. An attribute may not have one of these names. */
export const RESERVED_CONTEXT_KEYS = [
  "attributes",
  "claims",
  "clientId",
  "clientTenant",
  "dpopNonce",
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
  "wwwAuthenticate",
];

/**
 * Valid names of context keys. API Gateway allows letters, digits and underscores. An attribute's name has at most 64
 * characters; an attribute of a client has the prefix `client_` in addition.
 */
export const CONTEXT_KEY = /^(?:client_)?[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Names with a special meaning in JavaScript objects. A member with such a name is ignored or changes the prototype.
 */
export const isHiddenName = (name: string) => ["__proto__", "constructor", "prototype"].includes(name);

/** Whether an attribute in the backend's context may have this name. */
export function isAttributeName(name: string): boolean {
  return CONTEXT_KEY.test(name) && !RESERVED_CONTEXT_KEYS.includes(name) && !isHiddenName(name);
}
