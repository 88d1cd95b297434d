import { createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { ACCOUNT } from "../../events/arn.ts";
import type { Clock } from "../clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { CloudResources, LogSubscription } from "../resources.ts";
import { type LogFilter, logFilter } from "./filter-pattern.ts";

/** Milliseconds for which lines are gathered, so that several of them are one event. */
const GATHERED = 100;

/** Deliveries of one event, in all. */
const ATTEMPTS = 3;

interface Subscribed extends LogSubscription {
  readonly matches: LogFilter;
}

interface Line {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** Brings the JSON lines that functions log to the functions that subscribe to their log groups. */
export class LogSubscriptions {
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #gathered = new Map<string, Line[]>();
  #subscriptions: readonly Subscribed[] = [];
  #groups: Readonly<Record<string, string>> = {};

  constructor(deliveries: Deliveries, clock: Clock) {
    this.#deliveries = deliveries;
    this.#clock = clock;
  }

  /** Uses the subscriptions of a template. @throws {StackError} for a pattern that is not supported */
  use({ subscriptions, logGroups }: CloudResources): void {
    this.#subscriptions = subscriptions.map((each) => ({ ...each, matches: logFilter(each.pattern) }));
    this.#groups = logGroups;
  }

  /** Takes what a function has logged. */
  write(name: string, log: readonly object[]): void {
    const group = this.#groups[name];
    const timestamp = this.#clock.now();
    for (const subscription of this.#subscriptions) {
      if (subscription.logGroup !== group) continue;
      const messages = log.map((line) => JSON.stringify(line)).filter(subscription.matches);
      const lines = messages.map((message) => ({ id: eventId(), timestamp, message: `${message}\n` }));
      if (lines.length > 0) this.#gather(subscription, lines);
    }
  }

  #gather(subscription: Subscribed, lines: readonly Line[]): void {
    const known = this.#gathered.get(subscription.name);
    if (known) {
      known.push(...lines);
      return;
    }
    this.#gathered.set(subscription.name, [...lines]);
    this.#clock.after(GATHERED, () => {
      const all = this.#gathered.get(subscription.name) ?? [];
      this.#gathered.delete(subscription.name);
      void this.#deliver(subscription, all);
    });
  }

  async #deliver({ name, function: target, logGroup }: Subscribed, logEvents: readonly Line[]): Promise<void> {
    const data = {
      ...{ messageType: "DATA_MESSAGE", owner: ACCOUNT, logGroup, logStream: "local", subscriptionFilters: [name] },
      logEvents,
    };
    const event = { awslogs: { data: gzipSync(JSON.stringify(data)).toString("base64") } };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { error } = await this.#deliveries.deliver(target, name, event);
      if (error === undefined) return;
      await new Promise<void>((resolve) => this.#clock.after(1000 * attempt, resolve));
    }
  }
}

/** As on AWS, an id of 56 digits. */
const eventId = () =>
  BigInt(`0x${createHash("sha256").update(randomUUID()).digest("hex")}`)
    .toString()
    .slice(0, 56);
