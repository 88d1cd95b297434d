import type { DynamoDBRecord } from "aws-lambda";
import type { ChangeFeed } from "./change-feed/change-feed.ts";
import type { Clock } from "./clock.ts";
import type { Deliveries } from "./deliveries.ts";
import type { OnFailure } from "./on-failure.ts";
import type { Report } from "./report.ts";
import type { CloudResources, StreamSource } from "./resources.ts";
import { StreamMapping } from "./stream-mapping.ts";

interface Parts {
  readonly changes: ChangeFeed;
  readonly deliveries: Deliveries;
  readonly failures: OnFailure;
  readonly clock: Clock;
  readonly report: Report;
}

/** The streams that feed functions. They stay over a reload, with what the functions have not taken yet. */
export class StreamMappings {
  readonly #parts: Parts;
  readonly #running = new Map<string, { readonly mapping: StreamMapping; readonly stop: () => void }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Records that no function has taken yet. */
  get backlog(): number {
    return [...this.#running.values()].reduce((sum, { mapping }) => sum + mapping.backlog, 0);
  }

  /** Starts the mappings of a template, and ends those that it has no more. */
  async use({ streamSources, tables }: CloudResources): Promise<void> {
    const keyOf = ({ name, table }: StreamSource) => `${name} ${table}`;
    const wanted = new Set(streamSources.map(keyOf));
    for (const [key, { mapping, stop }] of this.#running) {
      if (wanted.has(key)) continue;
      stop();
      mapping.close();
      this.#running.delete(key);
    }
    for (const source of streamSources) {
      const known = this.#running.get(keyOf(source));
      if (known) known.mapping.source = source;
      else {
        const table = tables.find(({ name }) => name === source.table);
        if (!table) continue;
        const { deliveries, clock } = this.#parts;
        const mapping = new StreamMapping(source, { deliveries, clock, givesUp: (...given) => this.#giveUp(...given) });
        const stop = await this.#parts.changes.watch(table, (record) => mapping.push(record));
        this.#running.set(keyOf(source), { mapping, stop });
      }
    }
  }

  /** Ends all. */
  close(): void {
    for (const { mapping, stop } of this.#running.values()) {
      stop();
      mapping.close();
    }
    this.#running.clear();
  }

  async #giveUp(source: StreamSource, records: readonly DynamoDBRecord[], reason: string): Promise<void> {
    const { clock, report, failures } = this.#parts;
    // A disk that is full must not end the stack.
    const kept = await failures.keep(source, records, reason).catch(() => undefined);
    const place = { from: source.name, ...(kept !== undefined && { kept }) };
    report({ kind: "given up", time: clock.now(), count: records.length, reason, ...place });
  }
}
