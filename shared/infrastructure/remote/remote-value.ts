import { BoundedMap } from "../../domain/bounded-map.ts";
import { TroubleError } from "../../domain/reasons/errors.ts";
import type { Trouble } from "../../domain/reasons/reasons.ts";
import { Attempts } from "./attempts.ts";
import { elapsedSince, type Instant, instantNow } from "./elapsed.ts";
import { type BudgetLimits, FetchBudget } from "./fetch-budget.ts";

/** Times of a cached value in milliseconds. */
export interface RemoteTimes {
  /** Timeout of a whole fetch, which may take several requests. */
  readonly timeout: number;
  /** Age from which a newer value is fetched. */
  readonly maxAge: number;
  /**
   * Maximum age at which the value is used while the server fails (RFC 5861 section 4). A withdrawn key is trusted
   * this long.
   */
  readonly staleIfError: number;
  /** Fetches for something that the value lacks, such as an unknown key ID. */
  readonly budget: BudgetLimits;
}

/**
 * How long a request waits for a fetch, in milliseconds, if there is an old value. A server in health answers sooner,
 * so that its withdrawn keys are not used after `maxAge`.
 */
const PATIENCE = 250;

/** The same, if there is no value and the last fetch failed: requests do not queue up before a server that hangs. */
const PATIENCE_WHILE_FAILING = 500;

/** Questions that are remembered, of up to 256 characters each. */
const MAX_QUESTIONS = 500;

/**
 * A value that is fetched from a server and cached in the process. It is fetched again when it is old or lacks
 * something. Concurrent requests share one fetch. While the server fails, it is asked once in two seconds, and the old
 * value is used at once. Callers cause no more fetches than the budget allows.
 */
export class RemoteValue<T extends object> {
  readonly #attempts: Attempts<T>;
  readonly #budget: FetchBudget;
  readonly #times: RemoteTimes;
  readonly #trouble: Trouble;
  #kept: { readonly value: T; readonly fetchedAt: Instant } | undefined;
  /** Number of fetches that succeeded. */
  #fetches = 0;
  /** Question → `#fetches` when it was first asked. */
  readonly #asked = new BoundedMap<string, number>(MAX_QUESTIONS);

  /**
   * @param fetch gets the known value, and returns the same object if it has not changed
   * @param trouble reason of the error when there is no value
   */
  constructor(fetch: (signal: AbortSignal, known: T | undefined) => Promise<T>, times: RemoteTimes, trouble: Trouble) {
    this.#times = times;
    this.#trouble = trouble;
    this.#budget = new FetchBudget(times.budget);
    this.#attempts = new Attempts({
      run: (signal) => fetch(signal, this.#kept?.value),
      keep: (value) => {
        this.#kept = { value, fetchedAt: instantNow() };
        this.#fetches++;
      },
      timeout: times.timeout,
    });
  }

  /**
   * The cached value. It is fetched first if it is missing or too old. From `maxAge` on, one request starts a fetch
   * and waits for it shortly; all others get the old value at once.
   *
   * @throws {TroubleError}
   */
  async current(): Promise<T> {
    const kept = this.#kept;
    const age = kept ? elapsedSince(kept.fetchedAt) : Number.POSITIVE_INFINITY;
    if (kept && age < this.#times.maxAge) return kept.value;
    if (!kept || age >= this.#times.staleIfError) return this.#fetched();
    const isOthers = this.#attempts.isRunning;
    const attempt = this.#attempts.join();
    if (!attempt || isOthers) return kept.value;
    // After a freeze, a fetch that nobody waits for would be frozen again.
    if (this.#attempts.wasFrozen) return attempt.catch(() => kept.value);
    if (this.#attempts.isFailing) return kept.value;
    return within(attempt, PATIENCE).catch(() => kept.value);
  }

  /**
   * A newer value than `known`, which lacks something, or `known` itself if the server has nothing newer. If the
   * budget is used up, it is `known` for a question that a fetch has answered since it was first asked.
   *
   * @param question what is missing, such as a key ID
   * @throws {TroubleError} if nobody can say yet whether the server has what is missing
   */
  async newer(known: T, question = ""): Promise<T> {
    if (this.#kept && this.#kept.value !== known) return this.#kept.value;
    const askedAt = this.#asked.get(question) ?? this.#fetches;
    this.#asked.set(question, askedAt);
    const { isRunning, isFailing } = this.#attempts;
    // While the server fails, its pause is the limit.
    if (isRunning || isFailing || this.#budget.take()) return this.#fetched();
    if (this.#fetches > askedAt) return known;
    throw new TroubleError(this.#trouble, new BudgetError());
  }

  /** The result of a fetch. @throws {TroubleError} */
  async #fetched(): Promise<T> {
    const attempt = this.#attempts.join();
    if (!attempt) throw new TroubleError(this.#trouble, this.#attempts.error);
    const { isFailing, wasFrozen } = this.#attempts;
    try {
      return await (isFailing && !wasFrozen ? within(attempt, PATIENCE_WHILE_FAILING) : attempt);
    } catch (error) {
      throw new TroubleError(this.#trouble, error instanceof PatienceError ? this.#attempts.error : error);
    }
  }
}

/** The budget is used up. */
class BudgetError extends Error {
  override readonly name = "BudgetError";
}

/** A fetch takes longer than its request can wait. */
class PatienceError extends Error {}

/** The result of an attempt, if it comes in time. @throws {PatienceError} */
async function within<T>(attempt: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: end, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new PatienceError()), milliseconds);
  try {
    return await Promise.race([attempt, end]);
  } finally {
    clearTimeout(timer);
  }
}
