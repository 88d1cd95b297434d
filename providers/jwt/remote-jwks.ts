import { fetchJson } from "../../shared/infrastructure/remote/fetch-json.ts";
import { RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { discoverJwksUri } from "./discovery.ts";
import { JWKS_COOLDOWN } from "./jwks-cooldown.ts";
import { type KeySet, readKeySet } from "./key-set.ts";

/** Limits of a remote key set, in milliseconds. */
export const KEY_SET_TIMES = {
  maxAge: 600_000,
  staleIfError: 3_600_000,
  ...JWKS_COOLDOWN,
  /** Age from which the discovery document is read again. */
  discoveryAge: 86_400_000,
} as const;

export type KeySetLocation = { readonly issuer: string } | { readonly jwksUri: string };

/** The key set of one issuer, at an address that is known or that its discovery document tells. */
export function remoteKeySet(
  location: KeySetLocation,
  algorithms: readonly string[],
  fetch: typeof globalThis.fetch,
): RemoteValue<KeySet> {
  let discovered: { uri: string; at: number } | undefined;

  async function uri(): Promise<string> {
    if ("jwksUri" in location) return location.jwksUri;
    if (!discovered || Date.now() - discovered.at >= KEY_SET_TIMES.discoveryAge) {
      discovered = { uri: await discoverJwksUri(location.issuer, fetch), at: Date.now() };
    }
    return discovered.uri;
  }

  async function load(): Promise<KeySet> {
    try {
      const { keys } = await fetchJson(await uri(), fetch);
      const set = readKeySet(Array.isArray(keys) ? keys : [], algorithms);
      if (set.isEmpty()) throw new Error("the key set holds nothing usable");
      return set;
    } catch (error) {
      // The set may have moved.
      discovered = undefined;
      throw error;
    }
  }

  return new RemoteValue(load, KEY_SET_TIMES, "key_set_unavailable");
}
