import { elapsedSince, type Instant, instantNow } from "./elapsed.ts";

/** Limits of fetches that callers can cause. */
export interface BudgetLimits {
  /** Fetches that may follow one another at once. */
  readonly size: number;
  /** Milliseconds after which one more fetch is allowed, up to `size`. */
  readonly refill: number;
}

/**
 * A token bucket. A credential that asks for a newer key may announce a rotation, or may be made up by anyone: a few
 * fetches at once let a rotation through at once, and a flood causes no more than one fetch for each `refill`.
 */
export class FetchBudget {
  readonly #limits: BudgetLimits;
  #left: number;
  #countedAt: Instant = instantNow();

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.#left = limits.size;
  }

  /** Whether a fetch is allowed. If so, it is counted. */
  take(): boolean {
    const { size, refill } = this.#limits;
    const gained = Math.floor(elapsedSince(this.#countedAt) / refill);
    if (gained > 0) {
      this.#left = Math.min(size, this.#left + gained);
      this.#countedAt = instantNow();
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /** Takes back the last one: it was not one of those that the budget limits. */
  giveBack(): void {
    this.#left = Math.min(this.#limits.size, this.#left + 1);
  }
}
