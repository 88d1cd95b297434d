import type { Finding } from "../../providers/chain.ts";
import { BoundedMap } from "../../shared/domain/bounded-map.ts";
import { isKeyId } from "../../shared/domain/principal/key-id.ts";

/** The first use of an API key in an hour, as far as this instance knows. A field of the log. */
export interface KeyUse {
  readonly keyId: string;
  /** The beginning of the hour (UTC) in seconds since the epoch. */
  readonly hour: number;
}

/** Keys of which this instance remembers the hour of their last line. Of a forgotten one, a second line is harmless. */
const MAX_ENTRIES = 10_000;

const HOUR = 3600;

const logged = new BoundedMap<string, number>(MAX_ENTRIES);

/**
 * The id of the API key that a credential is, if it was verified: then it is the id of a record, and no text of the
 * caller's.
 */
export function keyIdOf({ provider, verdict }: Finding): string | undefined {
  if (provider !== "api-key" || verdict.status !== "authenticated") return undefined;
  const { keyId } = verdict.principal.attributes;
  return typeof keyId === "string" && isKeyId(keyId) ? keyId : undefined;
}

/**
 * The keys among the verified credentials that have had no line in this hour yet. The line with them is always written,
 * so that the last use of each key is known to the hour (`functions/key-use`), whatever `log.allowed` leaves out.
 *
 * @param time of the request, in seconds since the epoch
 */
export function firstUses(findings: readonly Finding[], time: number): KeyUse[] {
  const hour = time - (time % HOUR);
  const ids = findings.flatMap((finding) => keyIdOf(finding) ?? []);
  return ids.filter((keyId) => logged.get(keyId) !== hour).map((keyId) => ({ keyId, hour }));
}

/** Remembers that a line with these uses was written. */
export function rememberUses(uses: readonly KeyUse[]): void {
  for (const { keyId, hour } of uses) logged.set(keyId, hour);
}
