import { elapsedSince, instantNow } from "../../shared/infrastructure/remote/elapsed.ts";
import { discoverJwksUri } from "./discovery.ts";

/** Milliseconds after which a discovery document is read again, and after which it is if that failed. */
export const DISCOVERY_AGE = 86_400_000;
export const DISCOVERY_RETRY = 600_000;

/** Address of a key set. */
export interface KeySetAddress {
  current(signal: AbortSignal): Promise<string>;
  /** Looks for a new address at the next fetch, because the key set cannot be fetched from this one. */
  expire(): void;
}

/**
 * The address that an issuer's discovery document tells. An address that was found goes on serving while the document
 * cannot be read: the key set itself says whether it is still there.
 */
export function discoveredAddress(issuer: string, fetch: typeof globalThis.fetch): KeySetAddress {
  let uri: string | undefined;
  let readAt = instantNow();
  let maxAge = 0;

  return {
    async current(signal) {
      if (uri !== undefined && elapsedSince(readAt) < maxAge) return uri;
      try {
        uri = await discoverJwksUri(issuer, fetch, signal);
        maxAge = DISCOVERY_AGE;
      } catch (error) {
        if (uri === undefined) throw error;
        maxAge = DISCOVERY_RETRY;
      }
      readAt = instantNow();
      return uri;
    },
    expire() {
      maxAge = 0;
    },
  };
}
