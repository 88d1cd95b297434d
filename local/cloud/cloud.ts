import type { Invoker } from "../gateway/invoker.ts";
import type { ChangeFeed } from "./change-feed/change-feed.ts";
import { type Clock, ClosableClock, SYSTEM_CLOCK } from "./clock.ts";
import { Deliveries } from "./deliveries.ts";
import { Faults } from "./faults.ts";
import type { Report } from "./report.ts";
import type { CloudResources } from "./resources.ts";
import { StreamMappings } from "./stream-mappings.ts";

/** What a local cloud needs. */
export interface CloudOptions {
  readonly resources: CloudResources;
  readonly functions: Invoker;
  /** The changes of an embedded database's tables. */
  readonly feed?: ChangeFeed;
  /** The clock of delays and retries; by default the system's. */
  readonly clock?: Clock;
  readonly report?: Report | undefined;
}

/** What stands for AWS around the functions of a template. */
export interface Cloud {
  /** Faults that tests plan. */
  readonly faults: Faults;
  /** Whether something is being delivered, or waits to be. */
  readonly isBusy: boolean;
  /** Goes on with other functions, and with the event sources of another version of the template. */
  replace(resources: CloudResources, functions: Invoker): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts what stands for AWS around the functions of a template: it brings the records of tables' streams to the
 * functions whose events name them. Nothing is invoked before the first event, and nothing runs on after `close`.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { feed = NO_CHANGES, report = () => {} } = options;
  let { resources, functions } = options;
  const faults = new Faults();
  const clock = new ClosableClock(options.clock ?? SYSTEM_CLOCK);
  const deliveries = new Deliveries({ functions: () => functions, faults, clock, report });
  const streams = new StreamMappings({ feed, deliveries, clock, report });
  await streams.use(resources);
  return {
    faults,
    get isBusy() {
      return deliveries.active > 0 || streams.backlog > 0;
    },
    replace: async (nextResources, nextFunctions) => {
      [resources, functions] = [nextResources, nextFunctions];
      await streams.use(resources);
    },
    close: async () => {
      clock.close();
      streams.close();
    },
  };
}

const NO_CHANGES: ChangeFeed = { watch: async () => () => {} };
