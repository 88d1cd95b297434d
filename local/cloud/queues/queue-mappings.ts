import { queueArn } from "../../events/arn.ts";
import type { Clock } from "../clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { QueueSource } from "../resources.ts";
import { QueueMapping } from "./queue-mapping.ts";
import type { Queues } from "./queues.ts";

/** The queues that feed functions. */
export class QueueMappings {
  readonly #queues: Queues;
  readonly #parts: { readonly deliveries: Deliveries; readonly clock: Clock };
  readonly #running = new Map<string, QueueMapping>();

  constructor(queues: Queues, parts: { readonly deliveries: Deliveries; readonly clock: Clock }) {
    this.#queues = queues;
    this.#parts = parts;
  }

  /** Starts the mappings of a template, and ends those that it has no more. */
  use(sources: readonly QueueSource[]): void {
    const keyOf = ({ name, queue }: QueueSource) => `${name} ${queue}`;
    const wanted = new Set(sources.map(keyOf));
    for (const [key, mapping] of this.#running) {
      if (wanted.has(key)) continue;
      mapping.close();
      this.#running.delete(key);
    }
    for (const source of sources) {
      const known = this.#running.get(keyOf(source));
      if (known) known.source = source;
      else {
        const queue = this.#queues.named(source.queue);
        this.#running.set(keyOf(source), new QueueMapping(source, queue, queueArn(source.queue), this.#parts));
      }
    }
  }

  close(): void {
    for (const mapping of this.#running.values()) mapping.close();
    this.#running.clear();
  }
}
