import { functionIn, isQueueArn } from "../check-resources.ts";
import type { Clock } from "../clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { Input, Operations } from "../endpoint.ts";
import type { Faults } from "../faults.ts";
import type { Queues } from "../queues/queues.ts";
import type { Report } from "../report.ts";
import type { CloudResources, RuleResource, TargetResource } from "../resources.ts";
import { type BusEvent, EntryError, entriesOf, eventOf } from "./event.ts";
import { matches } from "./event-pattern.ts";
import { inputFor } from "./target-input.ts";

/** What a bus needs. */
export interface BusParts {
  readonly deliveries: Deliveries;
  readonly queues: Queues;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly report: Report;
}

/** Pauses before an asynchronous invocation is repeated, in milliseconds. Lambda waits one minute, then two. */
const PAUSES = [1000, 2000];

/** The event buses of a template, with their rules. */
export class Buses {
  readonly #parts: BusParts;
  #buses: readonly string[] = [];
  #rules: readonly RuleResource[] = [];

  constructor(parts: BusParts) {
    this.#parts = parts;
  }

  /** Uses the buses and the rules of a template. */
  use({ buses, rules }: CloudResources): void {
    [this.#buses, this.#rules] = [["default", ...buses], rules];
  }

  get operations(): Operations {
    return { "AWSEvents.PutEvents": (input) => this.#put(input) };
  }

  #put(input: Input) {
    const results = entriesOf(input).map((entry) => {
      try {
        return { EventId: this.#take(entry) };
      } catch (error) {
        if (!(error instanceof EntryError)) throw error;
        return { ErrorCode: error.code, ErrorMessage: error.message };
      }
    });
    return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
  }

  #take(entry: Input): string {
    const { clock } = this.#parts;
    // A bus is named by its name or its ARN.
    const bus =
      String(entry.EventBusName ?? "default")
        .split(":event-bus/")
        .at(-1) ?? "";
    if (!this.#buses.includes(bus)) throw new EntryError("InvalidArgument", `There is no event bus ${bus}.`);
    const event = eventOf(entry, clock.now());
    const fault = this.#parts.faults.take("entry", event["detail-type"]);
    const refused = new EntryError((fault?.effect === "fail" && fault.code) || "InternalFailure", "a planned fault");
    if (fault?.effect === "fail") throw refused;
    if (fault?.effect === "late") clock.after(fault.by, () => this.#distribute(bus, event));
    else this.#distribute(bus, event);
    if (fault?.effect === "twice") this.#distribute(bus, event);
    if (fault?.effect === "lose") throw refused;
    return event.id;
  }

  #distribute(bus: string, event: BusEvent): void {
    const { clock, report } = this.#parts;
    const rules = this.#rules.filter((rule) => rule.bus === bus && matches(rule.pattern, event));
    const { source, "detail-type": detailType, detail } = event;
    const names = rules.map(({ name }) => name);
    report({ kind: "event", time: clock.now(), bus, source, detailType, detail, rules: names });
    for (const { name, targets } of rules) for (const target of targets) void this.#deliver(name, target, event);
  }

  async #deliver(rule: string, target: TargetResource, event: BusEvent): Promise<void> {
    const text = inputFor(event, target.input);
    const invoked = functionIn(target.arn);
    if (invoked !== undefined) return this.#invoke(rule, invoked, text);
    // What goes to a log group has its line in the report.
    if (isQueueArn(target.arn)) await this.#send(rule, target, text);
  }

  /** Invokes a function asynchronously: Lambda repeats it twice. */
  async #invoke(rule: string, name: string, text: string): Promise<void> {
    const event = parsed(text);
    if (event === undefined) return this.#giveUp(rule, `the input for ${name} is no JSON`);
    for (const pause of [...PAUSES, undefined]) {
      const { error } = await this.#parts.deliveries.deliver(name, rule, event);
      if (error === undefined) return;
      if (pause !== undefined) await this.#pause(pause);
    }
    this.#giveUp(rule, `${name} failed three times`);
  }

  /** Sends to a queue. It fails only by a planned fault, which is repeated before the dead-letter queue gets the event. */
  async #send(rule: string, target: TargetResource, text: string): Promise<void> {
    const send = () => this.#queue(target.arn)?.send(text);
    const name = this.#queue(target.arn)?.resource.name ?? "";
    for (let attempt = 0; attempt <= target.retries; attempt++) {
      if (await this.#parts.deliveries.pass(name, rule, send)) return;
      await this.#pause(1000 * 2 ** Math.min(attempt, 6));
    }
    const kept = target.deadLetters === undefined ? undefined : this.#queue(target.deadLetters);
    kept?.send(text);
    this.#giveUp(rule, `${name} took nothing`, kept?.resource.name);
  }

  #giveUp(from: string, reason: string, kept?: string): void {
    const { report, clock } = this.#parts;
    report({ kind: "given up", time: clock.now(), from, count: 1, reason, ...(kept !== undefined && { kept }) });
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => this.#parts.clock.after(milliseconds, resolve));
  }

  #queue(arn: string) {
    return this.#parts.queues.byArn(arn);
  }
}

/** What a template of an input makes may be no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
