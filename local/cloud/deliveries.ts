import type { Invocation, Invoker } from "../gateway/invoker.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Report } from "./report.ts";

/** What a delivery needs. */
export interface DeliveryParts {
  /** The current functions: a reload replaces them. */
  readonly functions: () => Invoker;
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
   * Invokes a function. It never rejects.
   *
   * @param from what the event comes from
   */
  async deliver(name: string, from: string, event: unknown): Promise<Invocation> {
    const { clock, report } = this.#parts;
    this.#active++;
    try {
      const answer = await this.#invoke(name, event);
      if (answer.error !== undefined) {
        report({ kind: "failure", time: clock.now(), function: name, from, error: answer.error });
      }
      return answer;
    } finally {
      this.#active--;
    }
  }

  async #invoke(name: string, event: unknown): Promise<Invocation> {
    const { functions, faults, clock } = this.#parts;
    const fault = faults.take("delivery", name);
    if (fault?.effect === "fail") return { error: "not invoked: a planned fault" };
    if (fault?.effect === "late") await new Promise<void>((resolve) => clock.after(fault.by, resolve));
    const answer = await functions().invoke(name, event);
    if (fault?.effect === "lose") return { error: "the answer was lost: a planned fault" };
    return fault?.effect === "twice" ? functions().invoke(name, event) : answer;
  }
}
