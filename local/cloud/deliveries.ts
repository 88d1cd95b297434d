import type { Invocation, Invoker } from "../gateway/invoker.ts";
import type { Clock } from "./clock.ts";
import { failedItems } from "./failed-items.ts";
import type { Faults } from "./faults.ts";
import type { Report } from "./report.ts";
import type { BatchSource } from "./resources.ts";

/** What a delivery needs. */
export interface DeliveryParts {
  readonly functions: Invoker;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly report: Report;
}

/** Brings events to functions, with the faults that are planned, and tells of failures. */
export class Deliveries {
  readonly #parts: DeliveryParts;
  #active = 0;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Deliveries without an answer yet. */
  get active(): number {
    return this.#active;
  }

  /**
   * Invokes a function.
   *
   * @param from what the event comes from
   */
  deliver(name: string, from: string, event: unknown): Promise<Invocation> {
    return this.#tell(name, from, () => this.#parts.functions.invoke(name, event));
  }

  /**
   * Delivers a batch.
   *
   * @param ids of its items
   * @returns the ids of those that failed
   */
  async deliverBatch(source: BatchSource, ids: readonly string[], event: unknown): Promise<ReadonlySet<string>> {
    const { function: name, name: from, partial } = source;
    const answer = await this.deliver(name, from, event);
    const failed = failedItems(answer, ids, partial);
    if (answer.error === undefined && failed.size > 0) {
      const { report, clock } = this.#parts;
      report({
        kind: "failure",
        time: clock.now(),
        function: name,
        from,
        error: `${failed.size} of ${ids.length} failed`,
      });
    }
    return failed;
  }

  /**
   * Does something in place of an invocation, such as sending to a queue.
   *
   * @param name by which faults are planned
   * @returns whether it succeeded
   */
  async pass(name: string, from: string, act: () => unknown): Promise<boolean> {
    const { error } = await this.#tell(name, from, async () => {
      act();
      return {};
    });
    return error === undefined;
  }

  async #tell(name: string, from: string, act: () => Promise<Invocation>): Promise<Invocation> {
    const { clock, report } = this.#parts;
    this.#active++;
    try {
      const answer = await this.#act(name, act);
      if (answer.error !== undefined) {
        report({ kind: "failure", time: clock.now(), function: name, from, error: answer.error });
      }
      return answer;
    } finally {
      this.#active--;
    }
  }

  async #act(name: string, act: () => Promise<Invocation>): Promise<Invocation> {
    const { faults, clock } = this.#parts;
    const fault = faults.take("delivery", name);
    if (fault?.effect === "fail") return { error: "not delivered: a planned fault" };
    if (fault?.effect === "late") await new Promise<void>((resolve) => clock.after(fault.by, resolve));
    const answer = await act();
    if (fault?.effect === "lose") return { error: "the answer was lost: a planned fault" };
    return fault?.effect === "twice" ? act() : answer;
  }
}
