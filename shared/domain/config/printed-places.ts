/**
 * Options whose values may be shown in a mistake: names, choices, paths, addresses and times. For other options only
 * the type is shown, because a secret may have been written there by mistake. `late-schema.ts` adds those of its parts.
 */
export const PRINTED: Set<string> = new Set([
  ...under("jwt.issuers[]", ["issuer", "audience", "audience[]", "algorithms", "algorithms[]", "types[]", "kind"]),
  ...under("jwt.issuers[]", ["preset", "tenantIds[]", "trustDomain", "clientIds", "clientIds[]"]),
  "jwt.issuers[].senderConstrained",
  ...under("dpop", ["origins[]", "replayTable", "algorithms", "algorithms[]"]),
  ...under("jwt.issuers[].introspection", ["tokens", "tokens.prefix", "tokens.prefix[]"]),
  ...under("saml", ["audience", "audience[]", "recipients", "recipients[]", "replayTable"]),
  ...under("saml.identityProviders[]", ["issuer", "metadata.file", "certificateDates", "preset", "replay"]),
  ...under("saml.identityProviders[]", [
    "algorithms",
    "algorithms[]",
    "encryptionAlgorithms",
    "encryptionAlgorithms[]",
  ]),
  ...under("apiKeys", ["prefix", "environment", "table"]),
  ...under("apiKeys.usagePlans[]", ["owner", "tenant", "plan"]),
  ...under("entitlements", ["table", "rights"]),
  ...under("credentials", ["cachedBy[]"]),
  ...under("merge", ["scopes", "samePerson.attribute"]),
  "httpApi.simpleResponses[]",
  "appSync.fields[]",
  ...under("protectedResources[]", ["name", "scopes[]"]),
  ...under("routes[]", ["name", "effect", "methods", "methods[]", "paths[]", "fields[]", "kind", "addresses[]"]),
  "routes[].senderConstrained",
  ...under("routes[]", ["tenants[]", "issuers[]"]),
  ...["credentials", "scopes", "roles"].flatMap((set) => under(`routes[].${set}`, ["anyOf[]", "allOf[]"])),
  ...under("routes[].windows[]", ["notBefore", "notAfter", "days[]", "from", "until", "timeZone"]),
]);

/** Options whose values may be shown in a mistake if they are URLs. */
export const PRINTED_URLS: Set<string> = new Set([
  "jwt.issuers[].keys.jwksUri",
  "jwt.issuers[].introspection.endpoint",
  "saml.identityProviders[].metadata.url",
  ...under("protectedResources[]", ["resource", "documentation", "authorizationServers[]"]),
]);

/**
 * Sections that name the places of secrets. A secret itself may have been written there as a name, a text or a
 * number.
 */
export const SECRETS = [
  /^(jwt\.issuers\[\]\.(keys|introspection\.client)|saml\.decryption|apiKeys\.peppers|dpop\.nonce\.secret)(?![A-Za-z])/,
];

export function under(section: string, names: readonly string[]): string[] {
  return names.map((name) => `${section}.${name}`);
}

const withoutIndexes = (path: string) => path.replace(/\[\d+\]/g, "[]");

/** Required values of claims and attributes, whatever the names of these are. */
const REQUIRED = /^(jwt\.issuers\[\]\.requiredClaims|routes\[\]\.attributes)\.[^.]+?(\.like)?(\[\])?$/;

/** Whether the text at a path may be shown, after `printable` has masked it. */
export function mayBeShown(path: string, text: string): boolean {
  const place = withoutIndexes(path);
  return (
    PRINTED.has(place) ||
    REQUIRED.test(place) ||
    (PRINTED_URLS.has(place) && /^https?:\/\//i.test(text) && URL.canParse(text))
  );
}

/** Whether a path is in a section that names secrets. No value and no unknown name there is shown. */
export function isForSecrets(path: string): boolean {
  return SECRETS.some((each) => each.test(withoutIndexes(path)));
}
