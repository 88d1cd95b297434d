/**
 * Options whose texts a mistake may show: names, choices, paths, addresses and times. What is not listed is shown by its type, as a secret may
 * stand there by mistake: in place of where a secret is, of an object, of a certificate.
 */
const PRINTED: ReadonlySet<string> = new Set([
  ...under("jwt.issuers[]", ["issuer", "audience", "audience[]", "algorithms", "algorithms[]", "types[]", "kind"]),
  ...under("saml", ["audience", "audience[]", "recipients", "recipients[]", "replayTable"]),
  ...under("saml.identityProviders[]", ["issuer", "metadata.file", "certificateDates", "preset", "replay"]),
  ...under("saml.identityProviders[]", [
    "algorithms",
    "algorithms[]",
    "encryptionAlgorithms",
    "encryptionAlgorithms[]",
  ]),
  ...under("apiKeys", ["prefix", "environment", "table"]),
  ...under("credentials", ["cachedBy[]"]),
  ...under("merge", ["scopes", "samePerson.attribute"]),
  "httpApi.simpleResponses[]",
  "appSync.fields[]",
  ...under("routes[]", ["name", "effect", "methods", "methods[]", "paths[]", "fields[]", "kind", "addresses[]"]),
  ...under("routes[]", ["tenants[]", "issuers[]"]),
  ...["credentials", "scopes", "roles"].flatMap((set) => under(`routes[].${set}`, ["anyOf[]", "allOf[]"])),
  ...under("routes[].windows[]", ["notBefore", "notAfter", "days[]", "from", "until", "timeZone"]),
]);

/** Options whose texts a mistake may show if they are URLs. */
const PRINTED_URLS: ReadonlySet<string> = new Set([
  "jwt.issuers[].keys.jwksUri",
  "saml.identityProviders[].metadata.url",
]);

/** Sections in which secrets are named, so that one may stand there itself, as a name, a text or a number. */
const SECRETS = /^(jwt\.issuers\[\]\.keys|saml\.decryption|apiKeys\.peppers)(?![A-Za-z])/;

function under(section: string, names: readonly string[]): string[] {
  return names.map((name) => `${section}.${name}`);
}

const withoutIndexes = (path: string) => path.replace(/\[\d+\]/g, "[]");

/** Whether a text that stands at a path may be shown, with what `printable` hides of it. */
export function mayBeShown(path: string, text: string): boolean {
  const place = withoutIndexes(path);
  return PRINTED.has(place) || (PRINTED_URLS.has(place) && /^https?:\/\//i.test(text) && URL.canParse(text));
}

/** Whether a path leads to where secrets are named: nothing that stands there, and no name, is shown. */
export function isForSecrets(path: string): boolean {
  return SECRETS.test(withoutIndexes(path));
}
