import type { ReplayStore } from "../../../providers/saml/replay.ts";

/** Opens the store of used assertions of a table. */
type OpenStore = (table: string) => Promise<ReplayStore>;

/**
 * Records assertions that may be used once when everything else is done. The verifier records a use at its own end, but
 * the token endpoint has more to ask and to sign afterwards: an assertion must not be used up by trouble there.
 */
export interface PostponedUses {
  /** For the verifier. A use with a signal that nobody postpones is recorded at once. */
  readonly openStore: OpenStore;
  /**
   * Postpones the uses that are recorded with a signal.
   *
   * @returns what records them. Resolves with false if one of the assertions was used before
   */
  postpone(signal: AbortSignal): () => Promise<boolean>;
}

export function postponedUses(openStore: OpenStore): PostponedUses {
  const waiting = new WeakMap<AbortSignal, (() => Promise<boolean>)[]>();
  return {
    async openStore(table) {
      const store = await openStore(table);
      return {
        async record(assertion, signal) {
          const uses = waiting.get(signal);
          if (!uses) return store.record(assertion, signal);
          uses.push(() => store.record(assertion, AbortSignal.timeout(TIMEOUT)));
          return true;
        },
      };
    },
    postpone(signal) {
      const uses: (() => Promise<boolean>)[] = [];
      waiting.set(signal, uses);
      return async () => {
        for (const use of uses) if (!(await use())) return false;
        return true;
      };
    },
  };
}

/** Milliseconds for a record. The table has limits of its own, which are shorter. */
const TIMEOUT = 3000;
