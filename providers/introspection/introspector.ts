import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";
import { elapsedSince, type Instant, instantNow } from "../../shared/infrastructure/remote/elapsed.ts";
import { HttpStatusError } from "../../shared/infrastructure/remote/fetch-bytes.ts";
import type { Claims } from "../jwt/compact.ts";
import { type ActiveAnswer, Answers, digestOf } from "./answers.ts";
import { Permits, type Settle } from "./permits.ts";
import type { Inspection } from "./read-answer.ts";

/** Milliseconds for a whole question, which may take several requests. */
export const QUESTION_TIMEOUT = 3000;

/** Milliseconds by which a question may outlive its timeout before the process must have been frozen. */
const MARGIN = 1000;

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
 * no single request ends.
 */
export class Introspector {
  readonly #inquire: Inquire;
  readonly #maxAge: number;
  readonly #answers: Answers;
  readonly #permits = new Permits(QUESTION_TIMEOUT + MARGIN);
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
    const settle = this.#permits.take(this.#answers.last(digest));
    const askedAt = instantNow();
    const result = this.#question(digest, token, settle, askedAt);
    this.#pending.set(digest, { result, askedAt });
    // It may end after the requests that wait for it were answered.
    result
      .catch(() => {})
      .finally(() => {
        if (this.#pending.get(digest)?.result === result) this.#pending.delete(digest);
      });
    return result;
  }

  async #question(digest: string, token: string, settle: Settle, askedAt: Instant): Promise<ActiveAnswer> {
    const inspection = await this.#inspect(token, settle, askedAt);
    if (!inspection) {
      this.#answers.addInactive(digest, askedAt);
      throw new Refusal("token_inactive");
    }
    const answer = { ...inspection, askedAt };
    this.#answers.addActive(digest, answer);
    return answer;
  }

  /** @throws {TroubleError} */
  async #inspect(token: string, settle: Settle, askedAt: Instant): Promise<Inspection> {
    try {
      const inspection = await this.#inquire(token, AbortSignal.timeout(QUESTION_TIMEOUT));
      settle(inspection ? "active" : "inactive");
      return inspection;
    } catch (error) {
      // A secret or discovery document that cannot be had: its own pauses hold, and the server was not asked.
      const wasAsked = !(error instanceof TroubleError);
      const wasFrozen = elapsedSince(askedAt) > QUESTION_TIMEOUT + MARGIN;
      if (!wasAsked || wasFrozen) settle("not-asked");
      else settle(failureOf(error), error);
      throw wasAsked ? new TroubleError("introspection_unavailable", error) : error;
    }
  }
}

/**
 * Whose failure it is. Whoever finds a token, made up or of his own, that the server or a firewall before it fails at
 * must not stop the questions about all others. An answer to us (401) and too many questions (429, 503) say something of
 * the server; no answer at all may come of either.
 */
function failureOf(error: unknown): "failed-at-token" | "failed" | "no-answer" {
  if (error instanceof HttpStatusError) {
    return ["HTTP_401", "HTTP_429", "HTTP_503"].includes(error.code) ? "failed" : "failed-at-token";
  }
  return error instanceof SyntaxError || error instanceof RangeError ? "failed-at-token" : "no-answer";
}
