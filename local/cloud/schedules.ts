import { randomUUID } from "node:crypto";
import { ACCOUNT, REGION } from "../events/arn.ts";
import type { Invocation } from "../gateway/invoker.ts";
import type { ClientResponse } from "../gateway/request.ts";
import type { Clock } from "./clock.ts";
import type { Deliveries } from "./deliveries.ts";
import type { ScheduleResource } from "./resources.ts";

/** The functions that run on a schedule. Nothing runs by itself: a request fires a schedule. */
export class Schedules {
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  #all: readonly ScheduleResource[] = [];

  constructor(deliveries: Deliveries, clock: Clock) {
    this.#deliveries = deliveries;
    this.#clock = clock;
  }

  /** The schedules of the template. */
  get all(): readonly ScheduleResource[] {
    return this.#all;
  }

  use(schedules: readonly ScheduleResource[]): void {
    this.#all = schedules;
  }

  /** Runs what is on a schedule now. @returns undefined if there is no such schedule */
  async fire(name: string): Promise<Invocation | undefined> {
    const schedule = this.#all.find((each) => each.name === name);
    if (!schedule) return undefined;
    const { function: target, input } = schedule;
    return this.#deliveries.deliver(target, name, input === undefined ? this.#eventOf(name) : JSON.parse(input));
  }

  /** Answers `POST /schedules/KeyWatch.EveryHour`; undefined for any other request. */
  async answer(method: string, path: string): Promise<ClientResponse | undefined> {
    const [, name] = /^\/schedules\/([\w.]+)$/.exec(path) ?? [];
    if (method !== "POST" || name === undefined) return undefined;
    const fired = await this.fire(name);
    if (!fired) {
      const names = this.#all.map((each) => each.name).join(", ") || "none";
      return { status: 404, headers: [], body: `There is no schedule ${name}. The template has: ${names}.\n` };
    }
    const { result = null, error } = fired;
    const json = { headers: [["Content-Type", "application/json"]] as const };
    return error === undefined
      ? { status: 200, ...json, body: `${JSON.stringify(result)}\n` }
      : { status: 500, ...json, body: `${JSON.stringify({ error })}\n` };
  }

  #eventOf(name: string) {
    return {
      ...{ version: "0", id: randomUUID(), "detail-type": "Scheduled Event", source: "aws.events", account: ACCOUNT },
      time: `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`,
      ...{ region: REGION, resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`], detail: {} },
    };
  }
}
