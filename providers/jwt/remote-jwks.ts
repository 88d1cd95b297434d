import { parseStrictObject } from "../../shared/infrastructure/json/strict-json.ts";
import { fetchBytes } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import { JSON_BOUNDS } from "../../shared/infrastructure/remote/fetch-json.ts";
import { type RemoteTimes, RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { discoveredAddress } from "./discovered-address.ts";
import type { KeySet } from "./key-set.ts";

/** Limits of a remote key set, in milliseconds. */
export const KEY_SET_TIMES = {
  timeout: 3000,
  maxAge: 600_000,
  staleIfError: 3_600_000,
  budget: { size: 5, refill: 5000 },
} as const satisfies RemoteTimes;

export type KeySetLocation = { readonly issuer: string } | { readonly jwksUri: string };

/**
 * The key set of one issuer, at an address that is known or that its discovery document tells.
 *
 * @param read takes what is of use from the members of a JWK Set
 */
export function remoteKeySet(
  location: KeySetLocation,
  read: (jwks: readonly unknown[]) => KeySet,
  fetch: typeof globalThis.fetch,
): RemoteValue<KeySet> {
  const address =
    "issuer" in location
      ? discoveredAddress(location.issuer, fetch)
      : { current: async () => location.jwksUri, expire: () => {} };
  const texts = new WeakMap<KeySet, Buffer>();

  async function load(signal: AbortSignal, known: KeySet | undefined): Promise<KeySet> {
    const uri = await address.current(signal);
    try {
      const text = await fetchBytes(uri, fetch, { ...JSON_BOUNDS, signal });
      // A set that has not changed keeps its keys, and the tokens that were verified with them.
      if (known && texts.get(known)?.equals(text)) return known;
      const set = readSet(text, read);
      texts.set(set, text);
      return set;
    } catch (error) {
      // The set may have moved.
      address.expire();
      throw error;
    }
  }

  return new RemoteValue(load, KEY_SET_TIMES, "key_set_unavailable");
}

function readSet(text: Buffer, read: (jwks: readonly unknown[]) => KeySet): KeySet {
  const { keys } = parseStrictObject(text);
  const set = read(Array.isArray(keys) ? keys : []);
  if (set.isEmpty()) throw new Error("the key set holds nothing usable");
  return set;
}
