import { BoundedMap } from "../../../shared/domain/bounded-map.ts";
import { openedOnce } from "../../../shared/domain/opened-once.ts";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import type { UsedOnceStore } from "../../used-once.ts";
import { sha256 } from "../same-hash.ts";

/** Proofs that this process remembers, so that one that is sent again here costs no write. */
const MAX_REMEMBERED = 10_000;

/**
 * Proofs that were used (RFC 9449 section 11.1). The table decides, for all instances of the function; the memory spares
 * it what this instance has seen.
 */
export class UsedProofs {
  readonly #opened: () => Promise<UsedOnceStore>;
  readonly #seen = new BoundedMap<string, true>(MAX_REMEMBERED);

  /** @param open opens the table, at the first proof */
  constructor(open: () => Promise<UsedOnceStore>) {
    this.#opened = openedOnce(open, "replay_store_unavailable");
  }

  /**
   * Records the use of a proof.
   *
   * @param thumbprint of its key: clients choose their `jti` without knowing each other's
   * @param expiresAt seconds since the epoch, from which on it is refused for its age
   * @throws {Refusal} `dpop_proof_replayed`
   * @throws {TroubleError} `replay_store_unavailable`
   */
  async record(
    { thumbprint, id, expiresAt }: { readonly thumbprint: string; readonly id: string; readonly expiresAt: number },
    signal: AbortSignal,
  ): Promise<void> {
    // A thumbprint has a fixed length. An id can be longer than a partition key, and need not be readable in the table.
    const key = `dpop#${sha256(`${thumbprint} ${id}`)}`;
    demand(!this.#seen.get(key), "dpop_proof_replayed");
    const isFirst = await (await this.#opened()).record({ key, expiresAt }, signal);
    this.#seen.set(key, true);
    demand(isFirst, "dpop_proof_replayed");
  }
}
