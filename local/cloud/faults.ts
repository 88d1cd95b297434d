/** Where a fault strikes. */
export type FaultPlace =
  /**
   * A call to an endpoint, by its operation: `PutEvents`, `SendMessage`, `FlushStageAuthorizersCache`, and of an embedded
   * database `PutItem`.
   */
  | "call"
  /** An entry of `PutEvents`, by its detail-type, or of `SendMessageBatch`, by the queue's name. The others are done. */
  | "entry"
  /** A delivery to a function, by its logical id, or from a rule to a queue, by the queue's name. */
  | "delivery";

/** What happens in place of what should. */
export type Fault =
  /** Nothing is done, and it counts as failed. A call is answered with `code` (default `InternalFailure`, status 500). */
  | { readonly effect: "fail"; readonly code?: string; readonly status?: number }
  /** It is done, and whoever asked never learns: a connection is cut, an instance crashes after its work. */
  | { readonly effect: "lose" }
  /** It is done twice. */
  | { readonly effect: "twice" }
  /** It is done later by these milliseconds. What comes in the meantime overtakes it, unless it is of the same item. */
  | { readonly effect: "late"; readonly by: number };

/** Faults that wait to strike, for tests and fault suites. */
export class Faults {
  #planned: { readonly place: FaultPlace; readonly name: string; readonly fault: Fault; times: number }[] = [];

  /**
   * Plans a fault.
   *
   * @param name of the operation or the function; `*` for any
   * @param times how often it strikes; `Infinity` until `clear`
   */
  plan(place: FaultPlace, name: string, fault: Fault, times = 1): void {
    this.#planned.push({ place, name, fault, times });
  }

  /** The fault that strikes now, if any. Faults strike in the order in which they were planned. */
  take(place: FaultPlace, name: string): Fault | undefined {
    const next = this.#planned.find(
      (each) => each.times > 0 && each.place === place && (each.name === name || each.name === "*"),
    );
    if (!next) return undefined;
    next.times--;
    return next.fault;
  }

  /** How many strikes are still planned. */
  get pending(): number {
    return this.#planned.reduce((sum, { times }) => sum + times, 0);
  }

  /** Forgets all that is planned. */
  clear(): void {
    this.#planned = [];
  }
}
