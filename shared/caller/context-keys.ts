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
