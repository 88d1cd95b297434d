import type { Credential } from "./credential.ts";

/** The key under which API Gateway or AppSync caches the decision. */
export interface CacheKey {
  /**
   * Headers in the key according to the function's environment, in lower case. Absent: it says that nothing is
   * cached.
   */
  readonly headers?: readonly string[];
  /** Values in the key according to the event: a list, or one text joined by commas. Absent: the event does not say. */
  readonly values?: readonly string[] | string;
  /** The key contains the client's certificate. */
  readonly certificate?: true;
  /** Headers that the request has more than once, in lower case. The key may contain only one of their values. */
  readonly repeated?: readonly string[];
  /**
   * The key contains the caller's address, the method and the path: a cached answer is used only for the same
   * request.
   */
  readonly isExact?: boolean;
  /** TTL of the cache in seconds. Absent: not known. */
  readonly ttl?: number;
}

/**
 * Checks that all credentials are in the cache key. If one is not, a request with the same key but without that
 * credential would get the cached answer.
 *
 * @returns the reason for a refusal; undefined if the key contains all credentials
 */
export function outsideKey(
  credentials: readonly Credential[],
  key: CacheKey,
): "credential_misplaced" | "credential_ambiguous" | undefined {
  if (credentials.some((credential) => !isInKey(credential, key))) return "credential_misplaced";
  const isRepeated = ({ location: { name } }: Credential) =>
    key.headers?.includes(name) && key.repeated?.includes(name);
  return credentials.some(isRepeated) ? "credential_ambiguous" : undefined;
}

function isInKey({ location, raw }: Credential, { headers, values }: CacheKey): boolean {
  // A TOKEN event has one value, which is the key.
  if (location.in === "token") return true;
  const isNamed = !headers || (location.in === "header" && headers.includes(location.name));
  return isNamed && (values === undefined || (raw !== undefined && isAmong(values, raw)));
}

/** Whether the key contains the whole value. A value may contain commas itself. */
function isAmong(values: readonly string[] | string, value: string): boolean {
  return typeof values === "string" ? `,${values},`.includes(`,${value},`) : values.includes(value);
}
