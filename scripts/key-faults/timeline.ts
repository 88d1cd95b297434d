import { performance } from "node:perf_hooks";

/** A change after which a secret is refused, or may be accepted. Times of `performance.now()`. */
interface Turn {
  readonly isAccepted: boolean;
  readonly asked: number;
  /** Absent: the change is not confirmed yet. */
  confirmed?: number;
}

/** What callers with a secret must get. While a change is asked for and not confirmed, either answer is right. */
export class Timeline {
  readonly #turns: Turn[] = [];

  /** A change is asked for. @returns what is called when it is confirmed */
  turn(isAccepted: boolean): () => void {
    const turn: Turn = { isAccepted, asked: performance.now() };
    this.#turns.push(turn);
    return () => {
      turn.confirmed = performance.now();
    };
  }

  /** How long the secret had been refused without a break when a request was sent; 0 if it may have been accepted. */
  refusedFor(sent: number, answered: number): number {
    const { isAccepted = true, confirmed = sent } = this.#last(answered) ?? {};
    return isAccepted ? 0 : Math.max(0, sent - confirmed);
  }

  /** Whether the secret was to be accepted from before a request was sent until it was answered. */
  isSoundFor(sent: number, answered: number): boolean {
    const { isAccepted = false, confirmed = Number.POSITIVE_INFINITY } = this.#last(answered) ?? {};
    return isAccepted && confirmed <= sent;
  }

  readonly #last = (answered: number) => this.#turns.findLast(({ asked }) => asked <= answered);
}
