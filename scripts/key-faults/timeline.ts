/** Milliseconds within which a change that was asked for is taken for undecided. */
const MARGIN = 1500;

/** A time from which a secret is refused, or may be accepted. Milliseconds of `performance.now()`. */
interface Turn {
  readonly at: number;
  readonly isAccepted: boolean;
}

/**
 * What callers with a secret must get. A refusal counts from the time at which its change was confirmed, an acceptance
 * from the time at which its change was asked for: in between, either answer is right.
 */
export class Timeline {
  readonly #turns: Turn[] = [];

  constructor(at: number) {
    this.#turns.push({ at, isAccepted: true });
  }

  add(at: number, isAccepted: boolean): void {
    this.#turns.push({ at, isAccepted });
  }

  /** How long the secret had been refused without a break when a request was sent; 0 if it could be accepted meanwhile. */
  refusedFor(sent: number, answered: number): number {
    const last = this.#turns.findLast(({ at }) => at <= answered);
    return !last || last.isAccepted ? 0 : Math.max(0, sent - last.at);
  }

  /** Whether the secret was accepted without a break from before a request was sent until it was answered. */
  isSettledAt(sent: number, answered: number): boolean {
    const last = this.#turns.findLast(({ at }) => at <= answered);
    return last?.isAccepted === true && last.at <= sent - MARGIN;
  }
}
