import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";
import { elapsedSince, type Instant, instantNow } from "../../shared/infrastructure/remote/elapsed.ts";
import { type BudgetLimits, FetchBudget } from "../../shared/infrastructure/remote/fetch-budget.ts";
import { HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import type { Claims } from "../jwt/compact.ts";
import { type ActiveAnswer, Answers, digestOf } from "./answers.ts";
import { Lane } from "./lane.ts";
import type { Inspection } from "./read-answer.ts";

/** Milliseconds for a whole question, which may take several requests. */
export const QUESTION_TIMEOUT = 3000;

/** Milliseconds by which a question may outlive its timeout before the process must have been frozen. */
const MARGIN = 1000;

/**
 * Questions that prove nothing, because the token is inactive or the server fails at it: guesses. A hundred at once,
 * then ten a second in each instance of the function.
 */
export const GUESSES = { size: 100, refill: 100 } as const satisfies BudgetLimits;

/** What counts of an answer. */
export interface Answer {
  readonly claims: Claims;
  /** When the server was asked. Present if no cached answer could be as old. */
  readonly readAt?: Instant;
}

/** Asks about one token. */
export type Inquire = (token: string, signal: AbortSignal) => Promise<Inspection>;

/**
 * Asks one issuer's server about tokens. An answer counts for a while. Requests with one token share one question, which
 * no single request ends. While the server fails, it is asked once in two seconds.
 *
 * A caller can make up any number of tokens, so what they can cause is limited: a token that was active before is
 * always asked about, and has its own pauses; a new one only while the budget of guesses lasts.
 */
export class Introspector {
  readonly #inquire: Inquire;
  readonly #maxAge: number;
  readonly #answers: Answers;
  readonly #guesses = new FetchBudget(GUESSES);
  readonly #known = new Lane(QUESTION_TIMEOUT + MARGIN);
  readonly #unknown = new Lane(QUESTION_TIMEOUT + MARGIN);
  /** Questions on their way, by the digests of their tokens. */
  readonly #pending = new Map<string, { readonly result: Promise<ActiveAnswer>; readonly askedAt: Instant }>();

  /** @param maxAge milliseconds for which an answer about an active token counts */
  constructor(inquire: Inquire, maxAge: number) {
    this.#inquire = inquire;
    this.#maxAge = maxAge;
    this.#answers = new Answers(maxAge);
  }

  /**
   * What the server says of a token that is active.
   *
   * @throws {Refusal} `token_inactive`
   * @throws {TroubleError} `introspection_unavailable`, `secret_unavailable`
   */
  async ask(token: string): Promise<Answer> {
    const digest = digestOf(token);
    const found = this.#answers.find(digest);
    if (found) return { claims: found.claims };
    if (this.#answers.isInactive(digest)) throw new Refusal("token_inactive");
    const { claims, askedAt } = await this.#join(digest, token);
    return { claims, ...(elapsedSince(askedAt) >= this.#maxAge && { readAt: askedAt }) };
  }

  /** The question about this token that is on its way, or a new one. */
  #join(digest: string, token: string): Promise<ActiveAnswer> {
    const pending = this.#pending.get(digest);
    if (pending && elapsedSince(pending.askedAt) <= QUESTION_TIMEOUT + MARGIN) return pending.result;
    const wasActive = this.#answers.wasActive(digest);
    const lane = wasActive ? this.#known : this.#unknown;
    if (!lane.admit()) throw new TroubleError("introspection_unavailable", lane.error);
    if (!wasActive && !this.#guesses.take()) {
      lane.abandon();
      throw new TroubleError("introspection_unavailable", new BudgetError());
    }
    const askedAt = instantNow();
    const result = this.#question(digest, token, lane, askedAt);
    this.#pending.set(digest, { result, askedAt });
    // It may end after the requests that wait for it were answered.
    result
      .catch(() => {})
      .finally(() => {
        if (this.#pending.get(digest)?.result === result) this.#pending.delete(digest);
      });
    return result;
  }

  async #question(digest: string, token: string, lane: Lane, askedAt: Instant): Promise<ActiveAnswer> {
    const inspection = await this.#inspect(token, lane, askedAt);
    if (!inspection) {
      this.#answers.addInactive(digest, askedAt);
      throw new Refusal("token_inactive");
    }
    this.#excuse(lane);
    const answer = { ...inspection, askedAt };
    this.#answers.addActive(digest, answer);
    return answer;
  }

  /** @throws {TroubleError} */
  async #inspect(token: string, lane: Lane, askedAt: Instant): Promise<Inspection> {
    try {
      const inspection = await this.#inquire(token, AbortSignal.timeout(QUESTION_TIMEOUT));
      lane.succeed();
      return inspection;
    } catch (error) {
      const wasFrozen = elapsedSince(askedAt) > QUESTION_TIMEOUT + MARGIN;
      // A secret or discovery document that cannot be had: its own pauses hold, and the server was not asked.
      const wasAsked = !(error instanceof TroubleError);
      const isServers = wasAsked && !wasFrozen && (lane === this.#known || !mayComeFromToken(error));
      if (isServers) lane.fail(error);
      else lane.abandon();
      if (isServers || !wasAsked || wasFrozen) this.#excuse(lane);
      throw wasAsked ? new TroubleError("introspection_unavailable", error) : error;
    }
  }

  /** The question was no guess. */
  #excuse(lane: Lane): void {
    if (lane === this.#unknown) this.#guesses.giveBack();
  }
}

/**
 * Whether a failure may come from a token that a caller made up. Whoever finds one that the server, or a firewall before
 * it, fails at must not stop the questions about all others. No answer at all, an answer to us (401) and too many
 * questions (429, 503) say something of the server.
 */
const mayComeFromToken = (error: unknown): boolean =>
  error instanceof HttpStatusError
    ? !["HTTP_401", "HTTP_429", "HTTP_503"].includes(error.code)
    : error instanceof SyntaxError || error instanceof RangeError;

/** The budget is used up. */
class BudgetError extends Error {
  override readonly name = "BudgetError";
}
