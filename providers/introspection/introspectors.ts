import { createInquiry } from "./inquiry.ts";
import { Introspector } from "./introspector.ts";
import type { AskedIssuer } from "./token-owner.ts";

/** The introspector of each entry. Nothing is asked before its first token. */
export function introspectors(fetch: typeof globalThis.fetch): (entry: AskedIssuer) => Introspector {
  const known = new Map<AskedIssuer, Introspector>();
  return (entry) => {
    const introspector =
      known.get(entry) ?? new Introspector(createInquiry(entry, fetch), entry.introspection.cacheAge * 1000);
    known.set(entry, introspector);
    return introspector;
  };
}
