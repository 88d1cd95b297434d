import type { Credential } from "./credential.ts";

/** What the key of a cache holds that may answer later requests with the decision on this one. */
export interface CacheKey {
  /** Headers that the function says are in the key, in lower case. Absent: it says that nothing is cached. */
  readonly headers?: readonly string[];
  /** Values that the event says are in the key: a list, or all of them joined by commas. Absent: the event does not tell. */
  readonly values?: readonly string[] | string;
  /** Headers that the request has more than once, in lower case: the key may hold one line of them. */
  readonly repeated?: readonly string[];
  /** The key tells callers' addresses, methods and paths apart: a cached answer serves the very same request only. */
  readonly isExact?: boolean;
  /** Seconds for which an answer is kept at most. Absent: nobody says. */
  readonly ttl?: number;
}

/**
 * Why credentials may not decide what a cache then answers: one of them is not in its key, and whoever sends the same key without it would be answered as if they
 * had it. Undefined if the key holds all of them.
 */
export function outsideKey(
  credentials: readonly Credential[],
  key: CacheKey,
): "credential_misplaced" | "credential_ambiguous" | undefined {
  if (credentials.some((credential) => !isInKey(credential, key))) return "credential_misplaced";
  const isRepeated = ({ location: { in: place, name } }: Credential) =>
    place === "header" && key.headers?.includes(name) && key.repeated?.includes(name);
  return credentials.some(isRepeated) ? "credential_ambiguous" : undefined;
}

function isInKey({ location, raw }: Credential, { headers, values }: CacheKey): boolean {
  // Such an event holds one value, which is the key.
  if (location.in === "token") return true;
  const isNamed = !headers || (location.in === "header" && headers.includes(location.name));
  return isNamed && (values === undefined || (raw !== undefined && isAmong(values, raw)));
}

/** Whether a value is one of the key's, whole. A value may have commas of its own. */
function isAmong(values: readonly string[] | string, value: string): boolean {
  return typeof values === "string" ? `,${values},`.includes(`,${value},`) : values.includes(value);
}
