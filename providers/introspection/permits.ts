import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { type BudgetLimits, FetchBudget } from "../../shared/infrastructure/remote/fetch-budget.ts";
import type { ActiveAnswer } from "./answers.ts";
import { Lane } from "./lane.ts";

/**
 * Questions that prove nothing, because the token is inactive or the server fails at it: guesses. A hundred at once,
 * then ten a second in each instance of the function.
 */
export const GUESSES = { size: 100, refill: 100 } as const satisfies BudgetLimits;

/**
 * What became of a question: what the server said of the token; that it failed, at this token or altogether; that it did
 * not answer, which may come of either; or that it was not asked.
 */
export type Outcome = "active" | "inactive" | "failed-at-token" | "failed" | "no-answer" | "not-asked";

/** Ends a permit. */
export type Settle = (outcome: Outcome, error?: unknown) => void;

/**
 * Who may ask the server. A caller can make up any number of tokens, and may own tokens at which the server fails, so
 * what they can cause is limited:
 *
 * - A new token may be asked about while the budget of guesses lasts.
 * - A token that was active is asked about whatever happens to others. If the server fails at it, it has pauses of its
 *   own until the server answers, and a budget together with all tokens of that kind.
 * - A server that fails altogether is asked once in two seconds, apart for the new tokens and for the others. A question
 *   without an answer counts as such a failure, of a token that was active only the first time.
 */
export class Permits {
  readonly #patience: number;
  readonly #known: Lane;
  readonly #unknown: Lane;
  readonly #guesses = new FetchBudget(GUESSES);
  /** Pauses of tokens at which the server failed, by the last answers about them: a new answer ends them. */
  readonly #failing = new WeakMap<ActiveAnswer, Lane>();
  readonly #failures = new FetchBudget(GUESSES);

  /** @param patience milliseconds after which a question without an end was frozen together with its process */
  constructor(patience: number) {
    this.#patience = patience;
    this.#known = new Lane(patience);
    this.#unknown = new Lane(patience);
  }

  /**
   * @param known the last answer about the token, if it was active
   * @throws {TroubleError} `introspection_unavailable`
   */
  take(known: ActiveAnswer | undefined): Settle {
    const lane = known ? this.#known : this.#unknown;
    const own = known && this.#failing.get(known);
    const isFree = known && !own;
    const budget = isFree ? undefined : known ? this.#failures : this.#guesses;
    admit(own ? [own, lane] : [lane], budget);
    return (outcome, error) => {
      // Who stopped the others once by a question without an answer does not do so again.
      const isTokens = outcome === "failed-at-token" || (outcome === "no-answer" && own !== undefined);
      if (!isTokens && !(outcome === "inactive" && !known)) budget?.giveBack();
      if (known && (isTokens || outcome === "no-answer")) this.#fail(known, error);
      else own?.abandon();
      if (isTokens || outcome === "not-asked") lane.abandon();
      else if (outcome === "failed" || outcome === "no-answer") lane.fail(error);
      else lane.succeed();
    };
  }

  #fail(known: ActiveAnswer, error: unknown): void {
    const own = this.#failing.get(known) ?? new Lane(this.#patience);
    own.fail(error);
    this.#failing.set(known, own);
  }
}

/** Asks all lanes and the budget, and leaves nothing taken if one of them refuses. */
function admit(lanes: readonly Lane[], budget: FetchBudget | undefined): void {
  for (const [index, lane] of lanes.entries()) {
    if (lane.admit()) continue;
    for (const taken of lanes.slice(0, index)) taken.abandon();
    throw new TroubleError("introspection_unavailable", lane.error);
  }
  if (!budget || budget.take()) return;
  for (const lane of lanes) lane.abandon();
  throw new TroubleError("introspection_unavailable", new BudgetError());
}

/** The budget is used up. */
class BudgetError extends Error {
  override readonly name = "BudgetError";
}
